internal import Events
import Ledger
import Linux
import SQLite
import TestSupport

@testable import Projections

/// One instance whose output a test writes chunk by chunk, and the same output as a plain array.
struct OutputHistory {
  typealias Piece = (OutputStream, [UInt8])

  let writer: LedgerWriter
  let instance = InstanceID(createdAt: 1)
  private(set) var pieces: [Piece] = []

  init() throws {
    writer = try LedgerWriter(TemporaryDirectory.ledger)
    try writer.append([History.event(instance, .state(.created))])
  }

  /// Appends one chunk.
  mutating func append(_ chunk: Piece...) throws { try append(chunk) }

  mutating func append(_ text: String) throws { try append([(.stdout, Array(text.utf8))]) }

  mutating func append(_ chunk: [Piece]) throws {
    let runs = chunk.map { OutputSegment(stream: $0.0, offset: 0, length: $0.1.count) }
    let encoded = chunk.flatMap(\.1).withUnsafeBytes { EncodedOutput($0, runs: runs) }
    try writer.append([History.event(instance, .output, output: encoded)])
    pieces += chunk
  }

  /// Something between two chunks that is no output.
  func appendStatus() throws { try writer.append([History.event(instance, .status)]) }

  /// Makes the n-th event's stored chunk unreadable.
  func damage(n: Int64) throws {
    let connection = try Connection(writer.directory.database, .readWrite, busyMilliseconds: 1000)
    try connection.execute(
      "UPDATE output SET size = size + 1 WHERE seq = (SELECT seq FROM event WHERE n = \(n))")
  }

  func recorded(_ stream: OutputStream?) throws -> RecordedOutput {
    RecordedOutput(try LedgerReader(writer.directory), instance, stream: stream)
  }

  /// What `RecordedOutput` makes of it: the last so many lines, nil for all.
  func read(_ stream: OutputStream? = nil, lastLines: Int? = nil) throws -> String {
    let recorded = try recorded(stream)
    var bytes: [UInt8] = []
    let start = try lastLines.map { try recorded.startOfLastLines($0) } ?? .start
    _ = try recorded.forEachPart(from: start) { part in
      if case .bytes(let slice) = part { bytes += slice }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// What it is to be.
  func expected(_ stream: OutputStream? = nil, lastLines: Int? = nil) -> String {
    let bytes = pieces.filter { stream == nil || $0.0 == stream }.flatMap(\.1)
    guard let lastLines else { return String(decoding: bytes, as: UTF8.self) }
    var lines: [[UInt8]] = []
    var line: [UInt8] = []
    for byte in bytes {
      line.append(byte)
      if byte == 0x0a {
        lines.append(line)
        line = []
      }
    }
    if !line.isEmpty { lines.append(line) }
    return String(decoding: lines.suffix(lastLines).joined(), as: UTF8.self)
  }
}
