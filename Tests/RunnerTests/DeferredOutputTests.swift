internal import Events
import TestSupport
import Testing

@testable import Runner

@Suite("Output that is kept back")
struct DeferredOutputTests {
  private static func taken(_ held: DeferredOutput) throws -> [(OutputStream, [UInt8])] {
    var pieces: [(OutputStream, [UInt8])] = []
    while let piece = try held.next() {
      #expect(piece.bytes.count <= 64 << 10)
      if let last = pieces.last, last.0 == piece.stream {
        pieces[pieces.count - 1].1 += piece.bytes
      } else {
        pieces.append((piece.stream, piece.bytes))
      }
    }
    return pieces
  }

  /// Lengths around what is held in memory, and what is taken at once.
  @Test(arguments: [
    [], [1], [65_530, 1, 1], [65_531, 1], [65_536, 65_537], [262_144, 3, 262_144, 100_000], [0, 5],
  ])
  func `comes back as it was, piece by piece`(lengths: [Int]) throws {
    let held = DeferredOutput()
    var wanted: [(OutputStream, [UInt8])] = []
    for (index, length) in lengths.enumerated() {
      let stream: OutputStream = index % 2 == 0 ? .stdout : .stderr
      let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ index) }
      try bytes.withUnsafeBytes { try held.keep($0, stream) }
      #expect(held.memoryCount <= 64 << 10)
      if !bytes.isEmpty { wanted.append((stream, bytes)) }
    }
    let taken = try Self.taken(held)
    #expect(taken.map(\.0) == wanted.map(\.0))
    #expect(taken.map(\.1) == wanted.map(\.1))
  }

  @Test func `what comes while it is taken follows`() throws {
    let held = DeferredOutput()
    let big = [UInt8](repeating: 7, count: 100_000)
    try big.withUnsafeBytes { try held.keep($0, .stdout) }
    try expect(held.next()?.bytes.count, is: 65_536)
    [UInt8](repeating: 8, count: 3).withUnsafeBytes { held.keepInMemory($0, .stderr) }
    try expect(held.next()?.bytes.count, is: 100_000 - 65_536)
    try expect(held.next()?.bytes, is: [8, 8, 8])
    try expect(held.next()) { $0 == nil }
  }
}
