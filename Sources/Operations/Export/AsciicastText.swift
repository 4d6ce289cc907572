internal import Documents
internal import Events
internal import Linux

/// Asciicast: the output of one run with its timing, for asciinema (docs.asciinema.org/manual/asciicast). Version 3 counts times
/// from the event before, version 2 from the beginning; version 2 knows no exit code.
struct AsciicastText {
  enum Version: Int64 {
    case v2 = 2
    case v3 = 3
  }

  private let version: Version
  private let instance: InstanceDocument
  private let start: WallTime
  private var previous: WallTime
  /// Each stream by itself: they may alternate within a character.
  private var (stdout, stderr) = (UTF8Pieces(), UTF8Pieces())
  private var lastWasReturn = false

  /// The size, which is not recorded.
  private static let (columns, rows): (Int64, Int64) = (80, 24)

  init(_ version: Version, _ instance: InstanceDocument) {
    self.version = version
    self.instance = instance
    start = instance.startedAt ?? instance.createdAt
    previous = start
  }

  var header: String {
    let size: [(String, JSON?)] =
      switch version {
      case .v2: [("width", .integer(Self.columns)), ("height", .integer(Self.rows))]
      case .v3:
        [
          (
            "term",
            .object([.init("cols", .integer(Self.columns)), .init("rows", .integer(Self.rows))])
          )
        ]
      }
    return JSON.object(
      omittingNil: [("version", .integer(version.rawValue))] + size + [
        ("timestamp", .integer(start.microseconds / 1_000_000)),
        ("command", .string(ShellWord.line(instance.command))),
        ("title", .string(instance.name)),
      ]
    ).text + "\n"
  }

  mutating func line(_ item: TimedOutput.Item) -> String {
    switch item {
    case .bytes(let bytes, let stream, let at):
      let text = stream == .stdout ? stdout.take(bytes) : stderr.take(bytes)
      return text.isEmpty ? "" : event("o", onTerminal(text), at: at)
    case .missing(let bytes, let reason, let at):
      return event("m", "\(bytes) bytes: \(reason)", at: at)
    }
  }

  mutating func ending() -> String {
    let rest = stdout.finish() + stderr.finish()
    var lines = rest.isEmpty ? "" : event("o", rest, at: previous)
    if version == .v3, let endedAt = instance.endedAt, let code = exitCode {
      lines += event("x", code, at: endedAt)
    }
    return lines
  }

  private var exitCode: String? {
    if let code = instance.exitCode { return String(code) }
    return instance.signal.flatMap { Signals.number($0) }.map { String(128 + $0) }
  }

  /// A job without a terminal of its own ends its lines with LF alone, which on a terminal does not go back to the first column.
  private mutating func onTerminal(_ text: String) -> String {
    guard !instance.launch.hasOwnTerminal else { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if scalar == "\n", !lastWasReturn { result.append("\r") }
      result.append(scalar)
      lastWasReturn = scalar == "\r"
    }
    return String(result)
  }

  private mutating func event(_ code: String, _ text: String, at: WallTime) -> String {
    // Clocks may have been set back.
    let at = max(at, previous)
    let time = version == .v3 ? at - previous : at - start
    previous = at
    return "[\(Self.seconds(time)), \"\(code)\", \(JSON.string(text).text)]\n"
  }

  private static func seconds(_ microseconds: Int64) -> String {
    let fraction = String(microseconds % 1_000_000)
    return "\(microseconds / 1_000_000)." + String(repeating: "0", count: 6 - fraction.utf8.count)
      + fraction
  }
}
