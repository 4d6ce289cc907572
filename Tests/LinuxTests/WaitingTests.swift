import Glibc
import Linux
import TestSupport
import Testing

@Suite(.temporaryDirectory) struct WaitingTests {
  @Test func `poll tells the ready descriptors from the others`() throws {
    let ready = try EventCounter()
    let idle = try EventCounter()
    ready.signal()
    var poll = Poll()
    poll.add(idle.fd)
    poll.add(ready.fd)
    poll.wait(milliseconds: -1)
    #expect(poll.isReady(ready.fd))
    #expect(!poll.isReady(idle.fd))
  }

  @Test func `a counter wakes once for many signals and is quiet after it was cleared`() throws {
    let counter = try EventCounter()
    for _ in 0..<100 { counter.signal() }
    #expect(Poll.wait(counter.fd, for: .readable, milliseconds: 0))
    counter.clear()
    #expect(!Poll.wait(counter.fd, for: .readable, milliseconds: 0))
    counter.clear()
  }

  @Test func `a watched file tells when it is written`() throws {
    let path = "\(TemporaryDirectory.path)/bell"
    try Files.write([1], to: path)
    let watch = try FileWatch(path)
    #expect(!Poll.wait(watch.fd, for: .readable, milliseconds: 0))
    let file = try Descriptor.open(path, O_RDWR)
    try RawIO.writeAll(file.fd, "x")
    #expect(Poll.wait(watch.fd, for: .readable, milliseconds: 60_000))
    watch.clear()
    #expect(!Poll.wait(watch.fd, for: .readable, milliseconds: 0))
  }

  @Test func `a file that is not there cannot be watched`() {
    let path = "\(TemporaryDirectory.path)/missing"
    let error = #expect(throws: SystemCallError.self) { _ = try FileWatch(path) }
    #expect(error?.errno == .noEntry)
  }

  @Test func `a monitor wakes who waits for its state`() throws {
    let monitor = Monitor(0)
    let worker = try WorkerThread {
      for _ in 0..<1000 { monitor.change { $0 += 1 } }
    }
    #expect(monitor.wait { $0 == 1000 ? $0 : nil } == 1000)
    worker.join()
  }

  @Test func `changes of many threads are all counted`() throws {
    let monitor = Monitor(0)
    for _ in 0..<4 {
      let worker = try WorkerThread { for _ in 0..<1000 { monitor.change { $0 += 1 } } }
      _ = consume worker
    }
    #expect(monitor.wait { $0 == 4000 ? $0 : nil } == 4000)
  }
}
