internal import ArgumentParser
internal import CommandLineKit
internal import Events
internal import Glibc
internal import Linux
internal import Matching
internal import Runner
internal import Settings

/// `taro exec` with all its options. Those that few runs have stand here: each option costs the start of every run that
/// could have it.
struct ExecInFull: ParsableCommand {
  static let configuration = Exec.configuration

  @OptionGroup var exec: Exec
  @OptionGroup(title: "Gates") var gates: RareGates
  @OptionGroup(title: "Ending") var ending: RareEndings
  @OptionGroup(title: "Launching") var launch: RareLaunch

  func validate() throws {
    if gates.replaces, exec.gates.noOverlap {
      throw ValidationError(
        "--replace and -o exclude each other: -o leaves the other instance, and --replace ends it.")
    }
    if launch.isLoudOnStderr, exec.bypassesOutput {
      throw ValidationError(
        "--loud-on-stderr and -b exclude each other: with -b taro sees no output.")
    }
    if launch.keptOutput != nil, exec.bypassesOutput {
      throw ValidationError("--keep-output and -b exclude each other: with -b taro sees no output.")
    }
    if launch.isLoudOnStderr, exec.launch.hasOwnTerminal {
      throw ValidationError(
        "--loud-on-stderr and --pty exclude each other: a terminal is one stream.")
    }
  }

  func run() throws {
    try exec.run { job in
      try gates.add(to: &job)
      try ending.add(to: &job)
      try launch.add(to: &job)
    }
  }
}

struct RareGates: ParsableArguments {
  @Flag(
    name: .customLong("replace"),
    help: "Ask the other instances of the job to end, and run when they have.")
  var replaces = false

  @Option(
    name: .customLong("not-within"), parsing: .unconditional,
    help: ArgumentHelp(
      "Do not run when the job has completed so shortly before: SKIPPED.", valueName: "time"))
  var notWithin: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Wait first for a random time up to this, so that not all hosts begin at once.",
      valueName: "time"))
  var splay: String?

  @Option(
    name: .customLong("give-up-after"), parsing: .unconditional,
    help: ArgumentHelp(
      "Wait no longer than this for other instances or a latch: SKIPPED; 0 does not wait.",
      valueName: "time"))
  var patience: String?

  func add(to job: inout Job) throws {
    job.gates.replaces = replaces
    job.gates.notWithin = try OptionValue.duration(notWithin, "--not-within")
    job.gates.patience = try OptionValue.duration(patience, "--give-up-after")
      .map { min($0, 1 << 60) }
    guard let splay = try OptionValue.duration(splay, "--splay"), splay > 0 else { return }
    let more = Int64.random(in: 0..<min(splay, 1 << 60))
    // Whichever of both comes last is waited for.
    if let time = job.gates.notBefore {
      job.gates.notBefore = time + more
    } else {
      job.gates.delay = min((job.gates.delay ?? 0) + more, 1 << 60)
    }
  }
}

struct RareEndings: ParsableArguments {
  @Option(
    name: .customLong("success-codes"), parsing: .unconditional,
    help: ArgumentHelp(
      "Exit codes besides 0 that are no failure: 1,24. The run is COMPLETED, and taro ends with the same code.",
      valueName: "codes"))
  var successCodes: String?

  @Option(
    name: .customLong("retry-on"), parsing: .unconditional,
    help: ArgumentHelp(
      "With --retry: try again only after these exit codes, 128+N for signal N.", valueName: "codes"
    ))
  var retryOn: String?

  @Option(
    name: .customLong("stop-signal"),
    help: ArgumentHelp(
      "The signal that asks it to end, for taro stop and --timeout, in place of TERM.",
      valueName: "signal"),
    completion: .signals)
  var stopSignal: String?

  func add(to job: inout Job) throws {
    job.options.successCodes = try Self.codes(successCodes, "--success-codes")
    job.options.retryOn = try Self.codes(retryOn, "--retry-on")
    if let code = job.options.retryOn.first(where: { [0, 126, 127].contains($0) }) {
      let what = code == 0 ? "is no failure" : "says that a command cannot be run"
      throw ValidationError("--retry-on \(code): that code \(what), and is not tried again.")
    }
    if retryOn != nil, job.options.retries == nil {
      throw ValidationError("--retry-on needs --retry: how often is it to be tried again?")
    }
    guard let stopSignal else { return }
    guard let signal = Signals.parse(stopSignal), signal != SIGKILL, signal != SIGSTOP,
      signal != SIGCONT
    else {
      throw ValidationError(
        "--stop-signal \(stopSignal): a signal that a job can end by, such as INT or QUIT; --kill-after sends KILL."
      )
    }
    job.options.stopSignal = Signals.name(signal)
  }

  private static func codes(_ text: String?, _ option: String) throws -> [Int64] {
    guard let text else { return [] }
    let codes = text.split(separator: ",", omittingEmptySubsequences: false).map { UInt8($0) }
    let known = codes.compactMap { $0 }
    guard known.count == codes.count else {
      throw ValidationError(
        "\(option) \(text): exit codes from 0 to 255 are wanted, separated by commas: 1,24.")
    }
    return Set(known).sorted().map { Int64($0) }
  }
}

struct RareLaunch: ParsableArguments {
  @Flag(
    name: .customLong("loud-on-stderr"),
    help: """
      --quiet-on-success, but print everything too when it has said something on stderr. Its streams are then two, \
      whose order is not exact.
      """)
  var isLoudOnStderr = false

  @Option(
    help: ArgumentHelp(
      """
      Record *** in place of what matches in the command and its arguments; may be repeated. Such a run cannot be \
      repeated by taro rerun.
      """, valueName: "regex"))
  var mask: [String] = []

  @Option(
    name: .customLong("keep-output"),
    help: ArgumentHelp(
      """
      Record no more than so much of what it prints, its beginning and its end: 10M. What is passed on is all of it.
      """, valueName: "size"))
  var keptOutput: String?

  func add(to job: inout Job) throws {
    job.options.keptOutput = try keptOutput.map { try ByteSize.bytes($0, of: "--keep-output") }
    if isLoudOnStderr {
      job.options.isLoudOnStderr = true
      job.options.isQuietOnSuccess = true
      job.launch.isQuietOnSuccess = true
      job.split = .always
    }
    for pattern in mask { job.mask.add(try Self.expression(pattern, "--mask")) }
  }

  /// Refuses expressions of `--set`: a mistake there is wrong use of an option.
  static func checkMask(set settings: [String]) throws {
    guard settings.contains(where: { $0.hasPrefix("record") }) else { return }
    var configuration = Configuration()
    try ConfigurationSetting.apply(settings, to: &configuration)
    for pattern in configuration.recordMask {
      _ = try expression(pattern, "--set record.mask")
    }
  }

  private static func expression(
    _ pattern: String, _ option: String
  ) throws(SettingError) -> RegularExpression {
    do throws(RegularExpression.Refusal) { return try RegularExpression(pattern) } catch {
      throw WatchOptions.refusal(error, of: pattern, option)
    }
  }
}
