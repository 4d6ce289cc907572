import Glibc
import Linux
import Settings
import Testing

@testable import Runner

@Suite struct StreamPlanTests {
  private func file(
    _ kind: OpenFile.Kind, inode: UInt64 = 1, _ flags: Int32 = O_WRONLY
  ) -> OpenFile {
    OpenFile(kind: kind, device: 7, inode: inode, flags: flags)
  }

  private func plan(
    _ stdout: OpenFile?, _ stderr: OpenFile?, areOne: Bool? = false, split: OutputSplit = .auto,
    isTerminal: Bool = false, atSamePosition: Bool = false
  ) -> StreamPlan {
    StreamPlan(
      split: split, stdout: stdout, stderr: stderr, areOne: areOne, isTerminal: { isTerminal },
      atSamePosition: { atSamePosition })
  }

  @Test func `one open file is one stream`() {
    let regular = file(.regular)
    #expect(plan(regular, regular, areOne: true).isOne)
    #expect(!plan(regular, file(.regular, inode: 2)).isOne)
  }

  @Test func `two open files are one where what comes goes behind what is there`() {
    let appending = file(.regular, O_WRONLY | O_APPEND)
    #expect(plan(appending, appending).isOne)
    #expect(!plan(appending, file(.regular)).isOne)
    #expect(!plan(file(.regular), file(.regular), atSamePosition: true).isOne)
    #expect(plan(file(.pipe), file(.pipe)).isOne)
    #expect(plan(file(.characters), file(.characters), isTerminal: true).isOne)
    #expect(!plan(file(.characters), file(.characters)).isOne)
  }

  @Test func `where the kernel does not tell, flags and position do`() {
    let regular = file(.regular)
    #expect(plan(regular, regular, areOne: nil, atSamePosition: true).isOne)
    #expect(!plan(regular, regular, areOne: nil).isOne)
    #expect(!plan(regular, file(.regular, O_RDWR), areOne: nil, atSamePosition: true).isOne)
    #expect(plan(file(.socket), file(.socket), areOne: nil, atSamePosition: true).isOne)
  }

  @Test func `what is asked for counts more, and the place stays one`() {
    let regular = file(.regular)
    let apart = plan(regular, regular, areOne: true, split: .always)
    #expect(!apart.isOne)
    #expect(apart.sharesPlace)
    let together = plan(regular, file(.regular, inode: 2), split: .never)
    #expect(together.isOne)
    #expect(!together.sharesPlace)
  }

  @Test func `what cannot be written into is left to the job`() {
    let reading = file(.characters, O_RDONLY)
    let path = file(.regular, Int32(bitPattern: 0o10_000_000))
    for closed in [nil, reading, path] {
      #expect(plan(closed, file(.pipe), split: .never).uncaptured == ["stdout"])
      #expect(!plan(closed, file(.pipe), split: .never).isOne)
    }
    #expect(plan(nil, nil, areOne: nil).uncaptured == ["stdout", "stderr"])
  }
}
