internal import Events
internal import Glibc
internal import Ledger
internal import Linux
internal import Settings

/// Collects what a `created` event tells.
enum CreatedFacts {
  /// The instance by whose job this process was started.
  static var enclosing: InstanceID? {
    Environment.value(EnvironmentVariable.instance.name).flatMap { InstanceID($0) }
  }

  /// - Parameters:
  ///   - streams: how the job's output is captured.
  ///   - parent: the name of the process that started this.
  static func collect(
    _ job: Job, _ instance: InstanceID, _ streams: StreamPlan, _ parent: String, _ version: String
  ) -> Created {
    var created = Created()
    let command = MaskedWords.of(job.command, job.mask)
    created.command = command.map { String(decoding: $0, as: UTF8.self) }
    let isUTF8 = zip(created.command, command).allSatisfy { Array($0.utf8) == $1 }
    if !isUTF8 { created.commandBase64 = command.map(Base64.encode) }
    job.describeLaunch(of: instance, in: &created)
    created.uid = Int64(getuid())
    created.user = Users.name(of: getuid())
    created.host = Host.name()
    created.bootID = Host.bootID()
    created.runnerPID = Int64(getpid())
    // Where /proc is another namespace's, neither this pid nor the job's says anything to whoever looks there.
    if let own = PidNamespace.ownStatus() {
      (created.runnerStarted, created.pidNamespace) = (own.startTime, own.namespace)
    }
    created.parent = parent
    created.within = enclosing
    created.params = job.params
    created.isKept = job.isKept
    created.executionGroup = job.group
    created.gates = job.gates
    created.timeout = job.timeout
    created.killAfter = job.killAfter
    created.diesWithTaro = job.diesWithTaro
    created.options = job.options
    created.options.isMasked = command != job.command
    created.rerunOf = job.rerunOf
    created.retryOf = job.retryOf
    created.attempt = job.attempt.map { Int64($0) }
    if let attempt = job.attempt, job.retries >= attempt {
      created.triesLeft = Int64(job.retries - attempt + 1)
    }
    created.bypassesOutput = job.bypassesOutput
    if !job.bypassesOutput {
      created.hasOneStream = streams.isOne
      created.uncaptured = streams.uncaptured
    }
    created.split = job.output.split == .auto ? nil : job.output.split.rawValue
    created.version = version
    return created
  }
}
