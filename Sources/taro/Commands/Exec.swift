internal import ArgumentParser
internal import CommandLineKit
internal import Events
internal import Linux
internal import Runner
internal import Settings

struct Exec: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "exec",
    abstract: "Run a command and record what it does.",
    usage: "taro exec [<options>] <command> [<argument> ...]",
    discussion: """
      Options end at COMMAND: what follows belongs to it. It gets its arguments, its stdin, its \
      environment and its exit code exactly as without taro, no shell in between.

        taro exec --id backup ./backup.sh --full
        taro exec --param tape=4 -- tar -cf /dev/st0 /home

      The exit code is the command's own. When a signal killed it, taro dies of the same one, \
      after the record: a shell shows 128+N. 127 not found; 126 \
      found but not executable; 125 no record (with --require-ledger) or no such \
      directory (--cwd); 124 its --timeout was over; 74 it ended with 0, but not all it printed \
      could be written; 64 bad options.
      """)

  @Option(
    help: """
      The job's id, up to 1024 bytes; by default the command and its arguments, joined by blanks. Of more than 256 \
      bytes these are the first 200, an ellipsis and 8 digits of a digest.
      """,
    completion: .jobs)
  var id: String?

  @Flag(
    name: [.customShort("b"), .customLong("bypass-output")],
    help: "Leave stdout and stderr to the command; nothing of them is recorded.")
  var bypassesOutput = false

  @Flag(
    help: """
      Record stdout and stderr apart although they go to one place; their order there is then not exact.
      """)
  var split = false

  @Option(
    name: .customLong("param"),
    help: ArgumentHelp(
      "Something to remember with the run; may be repeated, the last of one name counts.",
      valueName: "k=v"))
  var params: [String] = []

  @OptionGroup(title: "Gates") var gates: GateOptions

  @OptionGroup(title: "Ending") var ending: EndingOptions

  @Option(
    name: .customLong("output-overflow"),
    help: ArgumentHelp(
      "When the disk is slower than the output: wait, or drop what cannot be recorded.",
      valueName: "wait|drop"),
    completion: .list(["wait", "drop"]))
  var overflow: String?

  @Flag(
    name: .customLong("require-ledger"),
    help: "Do not run the command (exit code 125) when it cannot be recorded.")
  var requiresLedger = false

  @Flag(
    name: .customLong("no-color"), help: "Accepted as by every command; exec prints no colours.")
  var hasNoColor = false

  @OptionGroup(title: "Launching") var launch: LaunchOptions
  @OptionGroup(title: "Warnings and progress") var watch: WatchOptions

  @OptionGroup var ledger: LedgerOption

  // The parser gets a word in place of the command, if there is one: see ExecWords.
  @Argument(help: ArgumentHelp("The command and its arguments.", valueName: "command"))
  var command: [String] = []

  private func checkWords() throws {
    guard launch.dryRun != nil || launch.recordedNames != nil else { return }
    let words = ExecWords(ProgramArguments.texts)
    guard let slip = words.misplacedValue else { return }
    throw ValidationError(
      "\(slip.option) \(slip.value): its value stands behind an equals sign, \(slip.option)=\(slip.value); "
        + "-- before a command of that name.")
  }

  func validate() throws {
    guard !command.isEmpty else { throw ValidationError("Missing COMMAND: what is to be run?") }
    try checkWords()
    for param in params where (param.firstIndex(of: "=") ?? param.startIndex) == param.startIndex {
      throw ValidationError("--param \(param): a parameter is given as NAME=value.")
    }
    if let overflow, OutputOverflow(rawValue: overflow) == nil {
      throw ValidationError("--output-overflow \(overflow): has to be wait or drop.")
    }
    if let id, id.isEmpty { throw ValidationError("--id is empty: leave it out, or name the job.") }
    if let id, id.utf8.count > JobID.longest {
      throw ValidationError(
        "--id has \(id.utf8.count) bytes, and may have \(JobID.longest): name the job in fewer.")
    }
    if bypassesOutput, launch.hasOwnTerminal {
      throw ValidationError(
        "--pty and -b exclude each other: with -b the command has taro's own stdout.")
    }
    if split, launch.hasOwnTerminal {
      throw ValidationError("--split and --pty exclude each other: a terminal is one stream.")
    }
    if bypassesOutput, launch.isQuietOnSuccess {
      throw ValidationError(
        "--quiet-on-success and -b exclude each other: with -b taro sees no output.")
    }
  }

  func run() throws { try run { _ in } }

  /// - Parameter addRare: adds what options say that few runs have.
  func run(_ addRare: (inout Job) throws -> Void) throws {
    try RareLaunch.checkMask(set: ledger.configuration.settings)
    let words = ExecWords.command()
    var job = Job(id: id ?? JobID.standard(of: words), command: words)
    for param in params {
      // A second `=` belongs to the value.
      let parts = param.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        .map(String.init)
      guard parts.count == 2 else { continue }
      job.params.removeAll { $0.key == parts[0] }
      job.params.append(JSON.Member(parts[0], .string(parts[1])))
    }
    job.bypassesOutput = bypassesOutput
    job.split = split ? .always : nil
    job.requiresLedger = requiresLedger
    job.group = gates.group
    job.gates = try gates.gates()
    job.timeout = try ending.timeoutMicroseconds()
    job.options = watch.options
    job.options.isQuietOnSuccess = launch.isQuietOnSuccess
    try ending.addRetries(to: &job.options)
    job.skipCode = try gates.exitCodeWhenSkipped()
    job.launch = launch.settings
    job.watch = try watch.settings(bypassesOutput: bypassesOutput)
    job.killAfter = try ending.killAfterMicroseconds()
    job.diesWithTaro = ending.diesWithTaro
    try addRare(&job)
    let configuration = configuration(&job)
    job.configure(configuration)
    if let overflow = overflow.flatMap(OutputOverflow.init) { job.output.overflow = overflow }
    let run = RetryRunner(job, .ofTaro)
    guard launch.isDetached else { execute(run, configuration).end() }
    throw ExitCode(
      try Detachment.run(run.name) { execute(run, configuration, whenCreated: $0).code })
  }

  private func execute(
    _ run: RetryRunner, _ configuration: Configuration, whenCreated: () -> Void = {}
  ) -> ProcessEnd {
    do throws(SettingError) {
      let directory = try ledger.directory(configuration)
      let end = run.run(ledger: directory, whenCreated: whenCreated)
      BackgroundRetention.startIfDue(directory, configuration)
      return end
    } catch {
      return run.run(ledger: nil, reason: error.description, whenCreated: whenCreated)
    }
  }

  /// A configuration that cannot be used keeps no job from running: it is said, and the defaults hold.
  private func configuration(_ job: inout Job) -> Configuration {
    do throws(ConfigurationError) {
      let loaded = try ledger.configuration.loaded()
      // A file in the directory where a job begins gives no remark: whoever may write there does not fill the mail of
      // the job's owner.
      job.remarks = loaded.skipped.filter { !$0.isLocal }.map(\.description)
      return loaded.configuration
    } catch {
      job.remarks = ["the configuration is not used: \(ErrorText.of(error))"]
      var configuration = Configuration()
      let options = ledger.configuration
      if let mask = Configuration.mask(ofUnusable: options.choice, settings: options.settings) {
        configuration.recordMask = mask
      } else {
        job.hideCommand(
          because: "what its record.mask says cannot be told")
      }
      return configuration
    }
  }
}
