import Glibc
import Linux
import TestSupport
import Testing

@Suite(.temporaryDirectory) struct DescriptorTests {
  @Test func `what is opened is closed on exec`() throws {
    let file = try Descriptor.open("/dev/null", O_RDONLY)
    let pipe = try Descriptor.pipe()
    let fds = [file.fd, pipe.read.fd, pipe.write.fd]
    // A child that lists its descriptors knows none of ours.
    let list = fds.map(String.init).joined(separator: " ")
    let child = try ChildProcess(
      "sh", ["-c", "for fd in \(list); do [ -e /proc/$$/fd/$fd ] && echo $fd; done; :"])
    try expect(child.readAll(), is: "")
  }

  @Test func `a descriptor is closed when its owner ends`() throws {
    let path = "\(TemporaryDirectory.path)/file"
    let fd = try Descriptor.open(path, O_RDWR | O_CREAT, mode: 0o600).fd
    #expect(!isOpen(fd, path: path))
  }

  /// Another test may have got the same number meanwhile, but not for that file.
  private func isOpen(_ fd: Int32, path: String) -> Bool {
    Files.link("/proc/self/fd/\(fd)") == path
  }

  @Test func `a file that cannot be opened is named with the reason`() throws {
    let path = "\(TemporaryDirectory.path)/missing"
    let error = #expect(throws: SystemCallError.self) {
      _ = try Descriptor.open(path, O_RDONLY).fd
    }
    #expect(error?.errno == .noEntry)
    #expect(error?.description == "open \(path): No such file or directory")
  }

  @Test func `writing more than a pipe holds to a non-blocking end waits for the reader`() throws {
    let pipe = try Descriptor.pipe()
    RawIO.setNonBlocking(pipe.write.fd)
    let sent = try Files.randomBytes(1 << 20)
    let write = dup(pipe.write.fd)
    let writer = try WorkerThread {
      sent.withUnsafeBytes { try? RawIO.writeAll(write, $0) }
      close(write)
    }
    var received: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while received.count < sent.count {
      let transfer = buffer.withUnsafeMutableBytes { RawIO.read(pipe.read.fd, into: $0) }
      guard case .bytes(let count) = transfer else { break }
      received.append(contentsOf: buffer[..<count])
    }
    writer.join()
    #expect(received == sent)
  }

  @Test func `an empty non-blocking pipe would block and a closed one is at its end`() throws {
    let reader = try closedPipe(nonBlocking: true)
    var buffer = [UInt8](repeating: 0, count: 8)
    #expect(buffer.withUnsafeMutableBytes { RawIO.read(reader.fd, into: $0) } == .end)

    let open = try Descriptor.pipe()
    RawIO.setNonBlocking(open.read.fd)
    #expect(buffer.withUnsafeMutableBytes { RawIO.read(open.read.fd, into: $0) } == .wouldBlock)
  }

  private func closedPipe(nonBlocking: Bool) throws -> Descriptor {
    let pipe = try Descriptor.pipe()
    if nonBlocking { RawIO.setNonBlocking(pipe.read.fd) }
    return pipe.read
  }

  @Test func `a small file is read whole and a missing one is nil`() throws {
    let path = "\(TemporaryDirectory.path)/file"
    let bytes = try Files.randomBytes(10_000)
    try Files.write(bytes, to: path)
    #expect(RawIO.contents(of: path) == bytes)
    #expect(RawIO.contents(of: path + ".missing") == nil)
    #expect(RawIO.contents(of: TemporaryDirectory.path) == nil)
  }
}
