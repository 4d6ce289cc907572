/// The facts that are known of an instance when it is created: the data of a `created` event.
package struct Created: Equatable, Sendable {
  package var command: [String] = []
  /// The command's bytes where they are not UTF-8 and `command` shows U+FFFD instead.
  package var commandBase64: [String]?
  package var cwd = ""
  /// The bytes of the directory where they are not UTF-8 and `cwd` shows U+FFFD instead.
  package var cwdBase64: String?
  /// As the shell shows it, for instance "0022".
  package var umask = ""
  /// The niceness that was asked for; nil: the runner's own.
  package var nice: Int64?
  package var user = ""
  package var uid: Int64 = 0
  package var host = ""
  package var bootID = ""
  package var runnerPID: Int64 = 0
  /// Clock ticks since boot; with the pid it names the process.
  package var runnerStarted: Int64 = 0
  /// The inode of the pid namespace in which the pids of this run count; nil where it was not known, and in ledgers of
  /// 0.1.0.
  package var pidNamespace: Int64?
  /// The name of the process that started the runner; its command line in ledgers of 0.1.0.
  package var parent = ""
  package var params: [JSON.Member] = []
  /// The group whose limit this instance counts for; its job's id is another, always. `group` in ledgers of 0.1.0.
  package var executionGroup: String?
  package var gates = Gates()
  /// The time it was given, and the time from being asked to end until SIGKILL; microseconds.
  package var timeout: Int64?
  package var killAfter: Int64?
  /// The kernel was told to end the job with its runner; the next taro that looks ends what the job has started.
  package var diesWithTaro = false
  package var options = RunOptions()
  /// The job's environment, or part of it: only when asked for.
  package var env: [JSON.Member]?
  /// The instance by whose job the runner was started, as far as its environment tells (TARO_INSTANCE).
  package var within: InstanceID?
  /// The instance that this one repeats, because a person asked for it.
  package var rerunOf: String?
  /// The instance before this one in a row of tries.
  package var retryOf: String?
  /// From 1; nil where there is no row of tries.
  package var attempt: Int64?
  /// The tries that are left behind this one, should it fail; nil where there is none.
  package var triesLeft: Int64?
  /// The bytes of those values that are not UTF-8 and for which `env` shows U+FFFD instead.
  package var envBase64: [JSON.Member]?
  /// Variables whose names are not UTF-8, `NAME=value` each; `env` has not got them.
  package var envOtherBase64: [String] = []
  /// Names of variables that were added or replaced for the job; their values are secret unless `env` has them.
  package var envSet: [String] = []
  /// It was given a terminal of its own.
  package var hasOwnTerminal = false
  /// Nothing was run: the instance only looks as if.
  package var isDryRun = false
  /// False: the first retention after its end drops it.
  package var isKept = true
  /// The job's output goes past taro and is not recorded.
  package var bypassesOutput = false
  /// stdout and stderr were one stream, recorded as stdout: both went to one place, or the job had a terminal.
  package var hasOneStream = false
  /// The wish that the streams be two (`always`) or one (`never`); nil: they are as they came.
  package var split: String?
  /// The streams that the job had as they were, closed or not to be written into: of them nothing is recorded.
  package var uncaptured: [String] = []
  package var version = ""

  package init() {}

  package init(_ json: JSON) {
    command = (json["command"]?.array ?? []).compactMap(\.string)
    commandBase64 = json["command_base64"]?.array?.compactMap(\.string)
    cwd = json["cwd"]?.string ?? ""
    cwdBase64 = json["cwd_base64"]?.string
    umask = json["umask"]?.string ?? ""
    nice = json["nice"]?.integer
    user = json["user"]?.string ?? ""
    uid = json["uid"]?.integer ?? 0
    host = json["host"]?.string ?? ""
    bootID = json["boot_id"]?.string ?? ""
    runnerPID = json["runner_pid"]?.integer ?? 0
    runnerStarted = json["runner_started"]?.integer ?? 0
    pidNamespace = json["pid_namespace"]?.integer
    parent = json["parent"]?.string ?? ""
    params = json["params"]?.members ?? []
    executionGroup = (json["execution_group"] ?? json["group"])?.string
    gates = json["gates"].map { Gates($0) } ?? Gates()
    timeout = json["timeout_us"]?.integer
    killAfter = json["kill_after_us"]?.integer
    diesWithTaro = json["die_with_taro"]?.bool ?? false
    options = json["options"].map { RunOptions($0) } ?? RunOptions()
    env = json["env"]?.members
    within = (json["within"]?.string).flatMap { InstanceID($0) }
    rerunOf = json["rerun_of"]?.string
    retryOf = json["retry_of"]?.string
    attempt = json["try"]?.integer
    triesLeft = json["tries_left"]?.integer
    envBase64 = json["env_base64"]?.members
    envOtherBase64 = (json["env_other_base64"]?.array ?? []).compactMap(\.string)
    envSet = (json["env_set"]?.array ?? []).compactMap(\.string)
    hasOwnTerminal = json["pty"]?.bool ?? false
    isDryRun = json["dry_run"]?.bool ?? false
    isKept = json["persist"]?.bool ?? true
    bypassesOutput = json["bypass_output"]?.bool ?? false
    hasOneStream = json["one_stream"]?.bool ?? false
    split = json["split"]?.string
    uncaptured = (json["uncaptured"]?.array ?? []).compactMap(\.string)
    version = json["version"]?.string ?? ""
  }

  package var json: JSON {
    .object(omittingNil: [
      ("command", .strings(command)),
      ("command_base64", commandBase64.map { .strings($0) }),
      ("cwd", .string(cwd)),
      ("cwd_base64", cwdBase64.map { .string($0) }),
      ("umask", .string(umask)),
      ("nice", nice.map { .integer($0) }),
      ("user", .string(user)),
      ("uid", .integer(uid)),
      ("host", .string(host)),
      ("boot_id", .string(bootID)),
      ("runner_pid", .integer(runnerPID)),
      ("runner_started", .integer(runnerStarted)),
      ("pid_namespace", pidNamespace.map { .integer($0) }),
      ("parent", .string(parent)),
      ("params", params.isEmpty ? nil : .object(params)),
      ("execution_group", executionGroup.map { .string($0) }),
      ("gates", gates.isEmpty ? nil : gates.json),
      ("timeout_us", timeout.map { .integer($0) }),
      ("kill_after_us", killAfter.map { .integer($0) }),
      ("die_with_taro", diesWithTaro ? true : nil),
      ("options", options.isEmpty ? nil : options.json),
      ("env", env.map { .object($0) }),
      ("within", within.map { .string($0.text) }),
      ("rerun_of", rerunOf.map { .string($0) }),
      ("retry_of", retryOf.map { .string($0) }),
      ("try", attempt.map { .integer($0) }),
      ("tries_left", triesLeft.map { .integer($0) }),
      ("env_base64", envBase64.map { .object($0) }),
      ("env_other_base64", envOtherBase64.isEmpty ? nil : .strings(envOtherBase64)),
      ("env_set", envSet.isEmpty ? nil : .strings(envSet)),
      ("pty", hasOwnTerminal ? true : nil),
      ("dry_run", isDryRun ? true : nil),
      ("persist", isKept ? nil : false),
      ("bypass_output", bypassesOutput ? true : nil),
      ("one_stream", hasOneStream ? true : nil),
      ("split", split.map { .string($0) }),
      ("uncaptured", uncaptured.isEmpty ? nil : .strings(uncaptured)),
      ("version", .string(version)),
    ])
  }
}

/// The job's process: the data of a `running` event.
package struct Running: Equatable, Sendable {
  package var pid: Int64
  /// Clock ticks since boot; with the pid it names the process.
  package var started: Int64
  package var pgid: Int64

  package init(pid: Int64, started: Int64, pgid: Int64) {
    self.pid = pid
    self.started = started
    self.pgid = pgid
  }

  package init(_ json: JSON) {
    pid = json["pid"]?.integer ?? 0
    started = json["started"]?.integer ?? 0
    pgid = json["pgid"]?.integer ?? 0
  }

  package var json: JSON {
    .object(omittingNil: [
      ("pid", .integer(pid)), ("started", .integer(started)), ("pgid", .integer(pgid)),
    ])
  }
}
