import Events
import Ledger
import Linux
import TestSupport
import Testing

@testable import Runner

@Suite("What is kept of an output, where there is a limit")
struct KeptOutputTests {
  private struct Result {
    var beginning: [UInt8] = []
    var end: [UInt8] = []
    var gap: OutputGap?
    var runs: [OutputSegment] = []
    var times: [WallTime] = []
  }

  private static let start = WallTime(microseconds: 1_000_000)

  /// Gives it chunks one after the other, a second each.
  private func keep(_ limit: Int64, _ chunks: [[UInt8]]) -> Result {
    var kept = KeptOutput(limit: limit)
    var result = Result()
    for (index, chunk) in chunks.enumerated() {
      let half = chunk.count / 2
      let runs = [
        OutputSegment(stream: .stdout, offset: 0, length: half),
        OutputSegment(stream: .stderr, offset: 500_000, length: chunk.count - half),
      ].filter { $0.length > 0 }
      chunk.withUnsafeBytes { bytes in
        let now = kept.takeBeginning(bytes)
        result.beginning += bytes[..<now]
        let (before, behind) = runs.split(at: now)
        #expect(before.map(\.length).reduce(0, +) == now)
        kept.hold(
          UnsafeRawBufferPointer(rebasing: bytes[now...]), behind[...],
          at: Self.start + Int64(index) * 1_000_000, mono: BootTime.boot + Int64(index) * 1_000_000)
      }
    }
    let (gap, pieces) = kept.finish()
    result.gap = gap
    for piece in pieces {
      #expect(piece.runs.map(\.length).reduce(0, +) == piece.bytes.count)
      #expect(piece.runs.first?.offset == 0)
      result.end += piece.bytes
      result.runs += piece.runs
      result.times.append(piece.at)
    }
    return result
  }

  @Test(arguments: [0, 1, 2, 10, 100, 999, 1000, 4000, 300_000] as [Int64])
  func `is its beginning and its end, and what is between them is counted`(limit: Int64) {
    var random = SeededGenerator(for: "kept output of \(limit)")
    for _ in 0..<20 {
      let chunks = (0..<Int(random.next() % 40)).map { _ in
        (0..<Int(random.next() % 400)).map { _ in
          random.next() % 30 == 0 ? UInt8(0x0a) : UInt8(0x61 + random.next() % 26)
        }
      }
      let all = Array(chunks.joined())
      let result = keep(limit, chunks)
      #expect(all.starts(with: result.beginning))
      #expect(all.reversed().starts(with: result.end.reversed()))
      let kept = result.beginning.count + result.end.count
      #expect(kept + Int(result.gap?.bytes ?? 0) == all.count)
      #expect(kept <= Int(limit))
      #expect((result.gap == nil) == (kept == all.count))
      #expect(result.times == result.times.sorted())
      if all.count <= limit { #expect(kept == all.count) }
    }
  }

  @Test func `begins and ends with whole lines where there are any`() {
    let lines = (0..<1000).map { Array("line \($0)\n".utf8) }
    let result = keep(1000, lines)
    #expect(result.beginning.last == 0x0a)
    #expect(result.end.starts(with: Array("line ".utf8)))
    #expect(result.beginning.count + result.end.count > 950)
    #expect(
      result.gap?.reason == "--keep-output 1000 keeps its beginning and its end")
  }

  @Test func `keeps streams and times apart`() {
    let result = keep(8, [Array("aabb".utf8), Array("ccdd".utf8), Array("eeff".utf8)])
    #expect(result.end == Array("eeff".utf8))
    #expect(result.runs.map(\.stream) == [.stdout, .stderr])
    #expect(result.runs.map(\.offset) == [0, 500_000])
    #expect(result.times == [Self.start + 2_000_000])
  }

  @Test func `holds no more than its end, and a piece`() {
    var kept = KeptOutput(limit: 1 << 20)
    let chunk = [UInt8](repeating: 0x61, count: 100_000)
    for _ in 0..<200 {
      chunk.withUnsafeBytes { bytes in
        let now = kept.takeBeginning(bytes)
        let run = OutputSegment(stream: .stdout, offset: 0, length: bytes.count - now)
        kept.hold(
          UnsafeRawBufferPointer(rebasing: bytes[now...]), [run], at: .epoch, mono: .boot)
      }
      #expect(kept.heldBytes <= 512 << 10 + KeptOutput.pieceBytes + chunk.count)
    }
    #expect(kept.finish().pieces.map(\.bytes.count).reduce(0, +) == 512 << 10)
  }
}
