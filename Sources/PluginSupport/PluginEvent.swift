package import Documents
package import Events
internal import Linux

/// One line of what a plugin is told.
package struct PluginEvent: Sendable {
  /// The line, without its end.
  package let text: String
  package let document: EventDocument
  package let job: String
  package let instance: InstanceID

  /// Fails for what is no event of an instance.
  package init?(_ line: String) {
    guard let json = try? JSON(parsing: line), let document = try? EventDocument(json),
      let job = document.job, let instance = document.instance
    else { return nil }
    text = line
    self.document = document
    self.job = job
    self.instance = instance
  }

  package var kind: EventKind { document.kind }
  package var data: JSON { document.data }

  /// It stands in the ledger.
  package var isRecorded: Bool { document.seq != nil }

  /// The time at which it happened.
  package var at: WallTime { document.at }

  package var mono: BootTime { document.mono }
}

/// The lines that taro writes to a plugin's stdin.
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
