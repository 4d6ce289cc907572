import Glibc
import Linux
import TestSupport
import Testing

struct LendingThreadTests {
  private struct Counted: ~Copyable {
    var count = 0
    let ended: Monitor<Int>
    deinit { ended.change { $0 += 1 } }
  }

  @Test func `a thread gives back what it has worked with`() throws {
    let ended = Monitor(0)
    do {
      let start = LendingThread.start(with: Counted(ended: ended)) { counted in
        for _ in 0..<1000 { counted.count += 1 }
      }
      switch consume start {
      case .running(let thread):
        let counted = thread.join()
        #expect(counted.count == 1000)
        #expect(ended.change { $0 } == 0)
      case .refused: Issue.record("no thread")
      }
    }
    #expect(ended.change { $0 } == 1)
  }

  @Test func `what a thread works with that nobody waits for ends with it`() throws {
    let ended = Monitor(0)
    let goesOn = Monitor(false)
    do {
      let start = LendingThread.start(with: Counted(ended: ended)) { _ in
        goesOn.wait { $0 ? () : nil }
      }
      _ = consume start
    }
    #expect(ended.change { $0 } == 0)
    goesOn.change { $0 = true }
    ended.wait { $0 == 1 ? () : nil }
  }
}
