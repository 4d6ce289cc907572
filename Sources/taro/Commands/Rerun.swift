internal import ArgumentParser
internal import CommandLineKit
internal import Events
internal import Ledger
internal import Linux
internal import Operations
internal import Presentation
internal import Projections
internal import Runner
internal import Settings

struct Rerun: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rerun",
    abstract: "Run again what an instance has run.",
    discussion: """
      The same job, command, directory, umask, niceness, parameters, time limits, tries, warnings and gates, but \
      without delay. Variables that were recorded \
      (exec --record-env) are set again; the rest of the environment is the caller's. The new instance names the \
      one it repeats. What was recorded with --mask, or was started with something that was redacted since, is not known, \
      and is not repeated.

        taro rerun backup
        taro rerun --detach 06rvk3

      The exit code is that of exec.
      """)

  @Argument(
    help: ArgumentHelp("A job (its newest instance) or an instance.", valueName: "name"),
    completion: .instances)
  var name: String

  @Option(
    help: ArgumentHelp(
      "Set a variable of its environment; may be repeated.", valueName: "name=value"))
  var env: [String] = []

  @Flag(help: "Run in the background, and print JOB@INSTANCE once that is on record.")
  var detach = false

  @OptionGroup var ledger: LedgerOption

  func validate() throws {
    for variable in env where variable.hasPrefix("=") || !variable.contains("=") {
      throw ValidationError("--env \(variable): a variable is given as NAME=value.")
    }
  }

  func run() throws {
    let configuration = try ledger.configuration.load()
    let directory = try ledger.directory(configuration)
    let (record, isRedacted) = try recordOfInstance(directory)
    let created = record.created
    guard !created.isDryRun else {
      throw Failure(
        "\(PrintableText.escaped(record.name)) was a dry run, and has run nothing; use taro exec")
    }
    for own in [EnvironmentVariable.job, .instance].map(\.name)
    where env.contains(where: { $0.hasPrefix("\(own)=") }) {
      throw Failure.usage("--env \(own): taro sets this one itself; a run is found by it")
    }
    let missing = created.envSet.filter { name in
      created.env?.contains { $0.key == name } != true && !env.contains { $0.hasPrefix("\(name)=") }
    }
    guard missing.isEmpty else {
      throw Failure.usage(
        "\(PrintableText.escaped(record.name)) was given variables whose values are not recorded; "
          + "give them again: \(missing.map { "--env \(PrintableText.escaped($0))=..." }.joined(separator: " "))"
      )
    }
    guard !created.options.isMasked else {
      throw Failure(
        "\(PrintableText.escaped(record.name)) was recorded with parts masked (--mask, record.mask), so its record does not tell what was run; use taro exec"
      )
    }
    guard !isRedacted else {
      throw Failure(
        "something of what \(PrintableText.escaped(record.name)) was started with was redacted, so its record does not tell what "
          + "was run; use taro exec")
    }
    guard var job = Job(repeating: record, variables: env.map { Array($0.utf8) }) else {
      throw Failure("the record of \(PrintableText.escaped(record.name)) does not tell its command")
    }
    job.watch = try WatchOptions.settings(job.options)
    job.configure(configuration)
    let run = RetryRunner(job, .ofTaro)
    func execute(whenCreated: () -> Void = {}) -> ProcessEnd {
      let end = run.run(ledger: directory, whenCreated: whenCreated)
      BackgroundRetention.startIfDue(directory, configuration)
      return end
    }
    guard detach else { execute().end() }
    throw ExitCode(try Detachment.run(run.name) { execute(whenCreated: $0).code })
  }

  /// The ledger is closed again before the process may be split in two.
  private func recordOfInstance(
    _ directory: LedgerDirectory
  ) throws -> (InstanceRecord, isRedacted: Bool) {
    guard let view = try ledger.view(of: directory) else {
      throw LedgerSession.NameError.nothing(name)
    }
    let record = try view.run(named: name)
    return (record, try view.isLaunchRedacted(record))
  }
}
