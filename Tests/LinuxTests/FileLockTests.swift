import Glibc
import Linux
import TestSupport
import Testing

@Suite(.temporaryDirectory) struct FileLockTests {
  private func open(_ name: String = "lock") throws -> Descriptor {
    try Descriptor.open("\(TemporaryDirectory.path)/\(name)", O_RDWR | O_CREAT, mode: 0o600)
  }

  @Test func `trying a held lock does not wait`() throws {
    let (first, second) = try two()
    #expect(FileLock.acquire(first, milliseconds: 0) == .locked)
    #expect(FileLock.acquire(second, milliseconds: 0) == .timedOut)
    FileLock.release(first)
    #expect(FileLock.acquire(second, milliseconds: 0) == .locked)
  }

  /// Two descriptions of one file, left open until the process ends.
  private func two() throws -> (Int32, Int32) {
    let path = "\(TemporaryDirectory.path)/lock"
    _ = try open()
    return (Glibc.open(path, O_RDWR | O_CLOEXEC), Glibc.open(path, O_RDWR | O_CLOEXEC))
  }

  @Test(arguments: [1, 30, 200])
  func `a held lock is given up after the deadline and not before`(milliseconds: Int) throws {
    let (first, second) = try two()
    #expect(FileLock.acquire(first, milliseconds: 0) == .locked)
    let start = Clock.monotonicMicroseconds()
    #expect(FileLock.acquire(second, milliseconds: milliseconds) == .timedOut)
    let elapsed = Clock.monotonicMicroseconds() - start
    #expect(elapsed >= Int64(milliseconds) * 1000)
    #expect(elapsed < 30_000_000)
  }

  @Test func `who waits gets the lock when it is released`() throws {
    let (first, second) = try two()
    #expect(FileLock.acquire(first, milliseconds: 0) == .locked)
    let outcome = Monitor<FileLock.Outcome?>(nil)
    let waiter = try WorkerThread {
      let got = FileLock.acquire(second, milliseconds: 60_000)
      outcome.change { $0 = got }
    }
    #expect(outcome.change { $0 } == nil)
    FileLock.release(first)
    #expect(outcome.wait { $0 } == .locked)
    waiter.join()
  }

  @Test func `a descriptor that is no file is an error and no wait`() {
    #expect(FileLock.acquire(-1, milliseconds: 1000) == .failed(Errno(EBADF)))
  }

  @Test func `a byte is held by one writer or by many readers`() throws {
    let owner = try open("bytes")
    let other = try open("bytes")
    let third = try open("bytes")
    #expect(ByteLock.tryAcquire(owner.fd, byte: 0, .exclusive))
    let taken = ByteLock.tryAcquire(other.fd, byte: 0, .exclusive)
    #expect(!taken)
    #expect(ByteLock.isHeld(other.fd, byte: 0))
    #expect(!ByteLock.isHeld(owner.fd, byte: 0), "its own lock is in nobody's way")
    #expect(!ByteLock.isHeld(other.fd, byte: 1), "bytes are locked one by one")

    #expect(ByteLock.tryAcquire(other.fd, byte: 1, .shared))
    #expect(ByteLock.tryAcquire(third.fd, byte: 1, .shared))
    #expect(ByteLock.isHeld(owner.fd, byte: 1))
  }

  @Test func `a byte is free again when its descriptor is closed`() throws {
    let other = try open("bytes")
    try holdAndClose()
    #expect(!ByteLock.isHeld(other.fd, byte: 0))
    #expect(ByteLock.tryAcquire(other.fd, byte: 0, .exclusive))
  }

  private func holdAndClose() throws {
    let owner = try open("bytes")
    #expect(ByteLock.tryAcquire(owner.fd, byte: 0, .exclusive))
  }
}
