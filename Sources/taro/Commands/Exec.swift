internal import ArgumentParser
internal import Glibc
internal import Ledger
internal import Runner
internal import Settings

struct Exec: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "exec",
    abstract: "Run a command and record what it does.",
    discussion: """
      Options end at COMMAND: what follows belongs to it. It gets its arguments, its stdin, its \
      environment and its exit code exactly as without taro, no shell in between.

        taro exec --id backup ./backup.sh --full
        taro exec --param tape=4 -- tar -cf /dev/st0 /home

      The exit code is the command's own; 128+N when signal N killed it; 127 not found; 126 \
      found but not executable; 125 no record (with --require-ledger); 64 bad options.
      """)

  @Option(help: "The job's id; by default the command and its arguments, joined by blanks.")
  var id: String?

  @Flag(
    name: [.customShort("b"), .customLong("bypass-output")],
    help: "Leave stdout and stderr to the command; nothing of them is recorded.")
  var bypassesOutput = false

  @Option(
    name: .customLong("param"),
    help: ArgumentHelp("Something to remember with the run; may be repeated.", valueName: "k=v"))
  var params: [Parameter] = []

  @Option(
    name: .customLong("output-overflow"),
    help: "When the disk is slower than the output: wait, or drop what cannot be recorded.")
  var overflow = OutputOverflow.wait

  @Flag(
    name: .customLong("require-ledger"),
    help: "Do not run the command (exit code 125) when it cannot be recorded.")
  var requiresLedger = false

  @OptionGroup var ledger: LedgerOption

  @Argument(
    parsing: .captureForPassthrough,
    help: ArgumentHelp("The command and its arguments.", valueName: "command"))
  var command: [String] = []

  /// `K=V`; a second `=` belongs to the value.
  struct Parameter: ExpressibleByArgument {
    let key: String
    let value: String

    init?(argument: String) {
      guard let equals = argument.firstIndex(of: "="), equals != argument.startIndex else {
        return nil
      }
      key = String(argument[..<equals])
      value = String(argument[argument.index(after: equals)...])
    }
  }

  mutating func validate() throws {
    // What is no option of ours is captured as the command, the parser's own --help too.
    if let first = command.first, ["-h", "--help"].contains(first) { throw CleanExit.helpRequest() }
    if let first = command.first, first.hasPrefix("-"), first != "--" {
      throw ValidationError(
        "Unknown option '\(first)'. If it is the command's name, put -- before it.")
    }
    if command.first == "--" { command.removeFirst() }
    guard !command.isEmpty else { throw ValidationError("Missing COMMAND: what is to be run?") }
    if let id, id.isEmpty { throw ValidationError("--id is empty: leave it out, or name the job.") }
  }

  func run() throws {
    var job = Job(
      id: id ?? command.joined(separator: " "), command: RawArguments.last(command.count))
    job.params = params.map { JSON.Member($0.key, .string($0.value)) }
    job.bypassesOutput = bypassesOutput
    job.overflow = overflow
    job.requiresLedger = requiresLedger
    let run = JobRun(job, version: Taro.version)
    let code: Int32
    do throws(SettingError) {
      code = run.run(ledger: try ledger.directory())
    } catch {
      code = run.run(ledger: nil, reason: error.description)
    }
    throw ExitCode(code)
  }
}

extension OutputOverflow: ExpressibleByArgument {}

/// This process's arguments as bytes: Swift's strings repair what is not UTF-8, and the command is to get its own.
private enum RawArguments {
  static func last(_ count: Int) -> [[UInt8]] {
    let total = Int(CommandLine.argc)
    return (total - count..<total).map { index in
      guard let argument = CommandLine.unsafeArgv[index] else { return [] }
      return Array(UnsafeRawBufferPointer(start: argument, count: strlen(argument)))
    }
  }
}
