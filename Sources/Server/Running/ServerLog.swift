internal import Events
internal import Linux
internal import Logging
internal import Settings

/// The server's log: a line for each event, on stderr, by a thread of its own. Who logs never waits: what cannot be written
/// in time is counted, and that is said.
final class ServerLog: Sendable {
  private struct State {
    var lines: [String] = []
    var dropped = 0
    var isClosed = false
    var hasEnded = false
  }

  private static let limit = 4096
  private let state = Monitor(State())

  init() throws {
    _ = try WorkerThread { [self] in work() }
  }

  fileprivate func add(_ line: String) {
    state.change { state in
      guard state.lines.count < Self.limit else { return state.dropped += 1 }
      state.lines.append(line)
    }
  }

  private func work() {
    while true {
      let taken = state.wait { state -> (lines: [String], dropped: Int, isLast: Bool)? in
        guard !state.lines.isEmpty || state.dropped > 0 || state.isClosed else { return nil }
        defer { (state.lines, state.dropped) = ([], 0) }
        return (state.lines, state.dropped, state.isClosed)
      }
      var text = taken.lines.joined()
      if taken.dropped > 0 { text += "\(taken.dropped) lines could not be written in time\n" }
      // A line that nobody can read is lost.
      try? RawIO.writeAll(2, text)
      if taken.isLast { break }
    }
    state.change { $0.hasEnded = true }
  }

  /// Writes what is there, for a second at most.
  func close() {
    state.change { $0.isClosed = true }
    let deadline = MonotonicTime.now + 1_000_000
    _ = state.wait(until: deadline) { $0.hasEnded ? true : nil }
  }
}

/// Writes a line of the log, as text or JSON.
struct ServerLogHandler: LogHandler {
  let log: ServerLog
  let format: LogFormat
  var logLevel: Logger.Level
  var metadata: Logger.Metadata = [:]
  var metadataProvider: Logger.MetadataProvider?

  init(_ log: ServerLog, _ format: LogFormat, _ level: LogLevel) {
    self.log = log
    self.format = format
    logLevel = Logger.Level(level)
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let all = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
    let at = Timestamp.rfc3339(WallTime.now)
    switch format {
    case .json:
      let members = [
        JSON.Member("at", .string(at)), JSON.Member("level", .string("\(event.level)")),
        JSON.Member("message", .string("\(event.message)")),
      ]
      log.add(
        JSON.object(members + all.map { JSON.Member($0.key, .string("\($0.value)")) }).text + "\n")
    case .text:
      let pairs = all.map { " \($0.key)=\(Self.quoted("\($0.value)"))" }.joined()
      log.add(EscapedText.of("\(at) \(event.level) \(event.message)\(pairs)") + "\n")
    }
  }

  /// Returns a word as it is; other text so that its end can be seen.
  private static func quoted(_ text: String) -> String {
    let isWord =
      !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != 0x22 && $0 != 0x3d }
    return isWord ? text : JSON.string(text).text
  }
}

extension Logger.Level {
  fileprivate init(_ level: LogLevel) {
    self =
      switch level {
      case .debug: .debug
      case .info: .info
      case .warning: .warning
      case .error: .error
      case .critical: .critical
      }
  }
}
