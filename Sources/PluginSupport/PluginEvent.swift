package import Events
internal import Linux

/// One line of what a plugin is told: the event document of docs/json.md.
package struct PluginEvent: Sendable {
  /// The line, without its end.
  package let text: String
  package let json: JSON
  package let kind: EventKind
  package let job: String
  package let instance: InstanceID
  package let data: JSON

  /// Nil for what is no event of an instance.
  package init?(_ line: String) {
    guard let json = try? JSON(parsing: line), let kind = json["kind"]?.string,
      let job = json["job"]?.string, let data = json["data"],
      let instance = json["instance"]?.string.flatMap({ InstanceID($0) })
    else { return nil }
    text = line
    self.json = json
    self.kind = EventKind(name: kind)
    self.job = job
    self.instance = instance
    self.data = data
  }

  /// It stands in the ledger.
  package var isRecorded: Bool { json["seq"]?.integer != nil }

  /// When it happened, as the document has it.
  package var at: String { json["at"]?.string ?? "" }

  /// Microseconds since the host was booted.
  package var mono: Int64 { json["mono"]?.integer ?? 0 }
}

/// What taro writes to a plugin's stdin.
package enum PluginInput {
  /// A line that is longer is left out: memory stays bounded whatever is written.
  private static let lineLimit = 4 << 20

  /// Gives each event to `body`, as it comes, until stdin ends.
  package static func forEachEvent(_ body: (PluginEvent) throws -> Void) throws {
    var line: [UInt8] = []
    var isTooLong = false
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let transfer = buffer.withUnsafeMutableBytes { RawIO.read(0, into: $0) }
      switch transfer {
      case .end: return
      case .failed(let errno): throw SystemCallError("read", "stdin", errno)
      case .wouldBlock: _ = Poll.wait(0, for: .readable, milliseconds: -1)
      case .bytes(let count):
        var rest = buffer[..<count]
        while let feed = rest.firstIndex(of: UInt8(ascii: "\n")) {
          line += rest[..<feed]
          rest = rest[(feed + 1)...]
          if !isTooLong, let event = PluginEvent(String(decoding: line, as: UTF8.self)) {
            try body(event)
          }
          line.removeAll(keepingCapacity: true)
          isTooLong = false
        }
        isTooLong = isTooLong || line.count + rest.count > lineLimit
        if isTooLong { line.removeAll() } else { line += rest }
      }
    }
  }
}
