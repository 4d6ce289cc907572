import Testing

@testable import Runner

@Suite("Whether memory ran out")
struct OutOfMemoryTests {
  private final class Statistics {
    var text: String?
    init(_ text: String?) { self.text = text }
    var bytes: [UInt8]? { text.map { Array($0.utf8) } }
  }

  @Test(
    arguments: [
      ("oom_kill 3\n", "oom_kill 4\n", true), ("oom_kill 3\n", "oom_kill 3\n", false),
      ("pgfault 9\noom_kill 0\nx 1\n", "pgfault 99\noom_kill 2\nx 1", true),
      ("oom_kill_x 1\n", "oom_kill_x 2\n", false), ("pgfault 9\n", "pgfault 10\n", false),
      ("oom_kill x\n", "oom_kill y\n", false), ("", "oom_kill 1\n", false), (nil, nil, false),
      ("oom_kill 3\n", nil, false),
    ] as [(String?, String?, Bool)])
  func `is told by the kernel's count, where there is one`(
    before: String?, after: String?, hasKilled: Bool
  ) {
    let statistics = Statistics(before)
    let outOfMemory = OutOfMemory { statistics.bytes }
    #expect(!outOfMemory.hasKilledSince)
    statistics.text = after
    #expect(outOfMemory.hasKilledSince == hasKilled)
  }

  @Test func `can be asked of this kernel`() {
    #expect(!OutOfMemory().hasKilledSince)
  }
}
