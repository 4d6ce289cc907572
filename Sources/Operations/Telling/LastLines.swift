package import Events
package import Ledger
internal import Projections

/// The last lines of a run's output, from the ledger.
package enum LastLines {
  /// Bytes of it at most. Output is read chunk by chunk, so memory does not grow with it.
  private static let byteLimit = 64 << 10

  /// - Returns: text that ends with a line feed, "" when there is no output.
  package static func read(
    _ count: Int, of instance: InstanceID, in reader: LedgerReader
  ) throws -> String {
    let output = RecordedOutput(reader, instance, stream: nil)
    var bytes: [UInt8] = []
    var isCut = false
    _ = try output.forEachPart(from: try output.startOfLastLines(count)) { part in
      switch part {
      case .bytes(let more): bytes += more
      case .damaged(let seq): bytes += Array("\n[event \(seq): damaged output]\n".utf8)
      case .dropped: bytes += Array("\n[output dropped by retention]\n".utf8)
      case .gap(let gap):
        bytes += Array("\n[\(gap.bytes) bytes not recorded: \(gap.reason)]\n".utf8)
      }
      if bytes.count > byteLimit {
        bytes.removeFirst(bytes.count - byteLimit)
        isCut = true
      }
    }
    guard !bytes.isEmpty else { return "" }
    if bytes.last != UInt8(ascii: "\n") { bytes.append(UInt8(ascii: "\n")) }
    return (isCut ? "[...]" : "") + String(decoding: bytes, as: UTF8.self)
  }
}
