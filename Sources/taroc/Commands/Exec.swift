internal import ArgumentParser
internal import CommandLineKit
internal import Events
internal import Fleet
internal import Linux
internal import Presentation

/// Runs something on each host and prints what it prints.
struct FleetRun {
  let targets: FleetOptions.Targets
  let palette: Palette
  /// One host after the other, each whole.
  let gathers: Bool

  func run(_ words: [[UInt8]]) throws {
    let printer = HostPrinter(targets.hosts, palette)
    let report = FleetReport(targets.hosts, answers: Set(1...254))
    let fan = FanOut(targets.hosts, targets.settings) { _ in .running(words) }
    var gathered: [Int: Gathered] = [:]
    var codes: [Int: Int32] = [:]
    fan.woken = { printer.output.flush() }
    try fan.run { host, happening in
      switch happening {
      case .bytes(let stream, let bytes):
        guard gathers else { return printer.write(bytes, of: host, stream) }
        if gathered[host] == nil { gathered[host] = try Gathered() }
        try gathered[host]?.add(bytes, stream)
      case .ended(let outcome, let errors, let more):
        try gathered.removeValue(forKey: host)?.read { printer.write($0, of: host, $1) }
        printer.finish(host)
        report.take(host, outcome, errors: errors, more: more)
        if case .answered(let code) = outcome { codes[host] = code }
      case .begun, .line: break
      }
    }
    printer.output.flush()
    try summarize(codes)
  }

  private func summarize(_ codes: [Int: Int32]) throws {
    let good = codes.values.count { $0 == 0 }
    let others = codes.filter { $0.value != 0 }.sorted { $0.key < $1.key }.map {
      "\(targets.hosts[$0.key].name): exit code \($0.value)"
    }
    let count = targets.hosts.count
    let text = (count > 1 ? ["\(good) of \(count) ended with 0"] : []) + others
    if !text.isEmpty { StandardError.say(text.joined(separator: "; ")) }
    guard good == targets.hosts.count else { throw ExitCode(1) }
  }
}

/// The output of one host, kept in a file without a name until its turn comes.
private final class Gathered {
  private let file: Descriptor

  init() throws { file = try Descriptor.unnamedFile() }

  /// Pieces, each behind its stream and its length.
  func add(_ bytes: [UInt8], _ stream: OutputStream) throws {
    var head: [UInt8] = [stream.rawValue]
    for shift in [24, 16, 8, 0] as [UInt32] {
      head.append(UInt8(UInt32(bytes.count) >> shift & 255))
    }
    for part in [head, bytes] {
      var rest = part[...]
      while !rest.isEmpty {
        let transfer = unsafe rest.withUnsafeBytes { unsafe RawIO.write(file.fd, $0) }
        guard case .bytes(let count) = transfer else {
          throw Failure("what a host prints cannot be kept in TMPDIR", code: 74)
        }
        rest = rest.dropFirst(count)
      }
    }
  }

  func read(_ give: ([UInt8], OutputStream) -> Void) throws {
    var position: Int64 = 0
    while true {
      let head = try RawIO.read(file.fd, 5, at: position)
      guard head.count == 5, let stream = OutputStream(rawValue: head[0]) else { return }
      let count = head[1...].reduce(0) { $0 << 8 | Int($1) }
      give(try RawIO.read(file.fd, count, at: position + 5), stream)
      position += 5 + Int64(count)
    }
  }
}

struct Exec: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "exec",
    abstract: "Run a command on each host, and record it there.",
    usage: "taroc exec [<options>] [--] [<option of taro exec> ...] <command> [<argument> ...]",
    discussion: """
      The hosts have to be named. What stands behind -- is for taro exec there: its options, then the command.

        taroc exec -g web uptime
        taroc exec -g web --gather -- --id update --timeout 10m apt-get -qy upgrade

      Each line stands behind its host. What was started goes on there when this ends before.

      0 all ended with 0, 1 not all did.
      """)

  @Flag(help: "Print one host after the other, each when it has ended.")
  var gather = false

  @OptionGroup(title: "Hosts") var fleet: FleetOptions
  @OptionGroup var color: ColorOption

  @Argument(
    parsing: .captureForPassthrough,
    help: ArgumentHelp("The command and its arguments.", valueName: "command"))
  var command: [String] = []

  func validate() throws {
    // Nothing that stands before the command is kept from it by the parser.
    if ["--help", "-h"].contains(command.first) { throw CleanExit.helpRequest(Self.self) }
    guard !Self.words(command).isEmpty else {
      throw ValidationError("Missing COMMAND: what is to be run?")
    }
  }

  func run() throws {
    let targets = try fleet.targets(mustBeNamed: true)
    try FleetRun(targets: targets, palette: color.palette, gathers: gather)
      .run([Array("exec".utf8)] + Self.words(command))
  }

  /// The words as they were given: the parser's are strings, and not every word is UTF-8.
  private static func words(_ command: [String]) -> [[UInt8]] {
    let count = ProgramArguments.count
    let words = (max(0, count - command.count)..<count).map(ProgramArguments.bytes)
    return words.first == Array("--".utf8) ? Array(words.dropFirst()) : words
  }
}

struct Rerun: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rerun",
    abstract: "Run again what an instance has run, on each host.",
    discussion: """
      The hosts have to be named.

        taroc rerun -H web1 backup
        taroc rerun -g web --detach --env LEVEL=full backup

      0 all ended with 0, 1 not all did.
      """)

  @Argument(
    help: ArgumentHelp("A job (its newest instance) or an instance.", valueName: "name"))
  var name: String

  @Option(
    help: ArgumentHelp(
      "Set a variable of its environment; may be repeated.", valueName: "name=value"))
  var env: [String] = []

  @Flag(help: "Run in the background, and print JOB@INSTANCE once that is on record.")
  var detach = false

  @Flag(help: "Print one host after the other, each when it has ended.")
  var gather = false

  @OptionGroup(title: "Hosts") var fleet: FleetOptions
  @OptionGroup var color: ColorOption

  func validate() throws {
    for variable in env where variable.hasPrefix("=") || !variable.contains("=") {
      throw ValidationError("--env \(variable): a variable is given as NAME=value.")
    }
  }

  func run() throws {
    let targets = try fleet.targets(mustBeNamed: true)
    let words =
      ["rerun"] + (detach ? ["--detach"] : []) + env.map { "--env=\($0)" } + ["--", name]
    try FleetRun(targets: targets, palette: color.palette, gathers: gather)
      .run(words.map { Array($0.utf8) })
  }
}
