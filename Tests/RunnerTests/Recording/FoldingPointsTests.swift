import Events
import TestSupport
import Testing

@testable import Runner

@Suite("Folding points")
struct FoldingPointsTests {
  @Test(
    arguments: [
      (0, 1, false), (0, 511, false), (511, 512, true), (0, 512, true), (512, 513, false),
      (512, 1023, false), (1000, 1024, true), (100, 5000, true), (7, 7, false),
    ] as [(Seq, Seq, Bool)])
  func `are met by whoever appends over one`(before: Seq, after: Seq, expected: Bool) {
    #expect(FoldingPoints.isCrossed(between: before, after) == expected)
  }

  @Test func `are met by exactly one of those who append one event each`() {
    let met = (1...2048).count { FoldingPoints.isCrossed(between: Seq($0 - 1), Seq($0)) }
    #expect(met == 4)
  }
}
