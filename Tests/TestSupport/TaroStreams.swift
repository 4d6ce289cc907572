internal import Glibc
internal import Linux

/// The stdin of a process under test.
final class TaroStdin {
  /// The descriptor to start it with; nil when the process closes its own.
  let forChild: Int32?
  private var child: Descriptor?
  private var writer: Descriptor?

  init(_ input: TaroProgram.Input) throws {
    switch input {
    case .file(let path):
      let file = try Descriptor.open(path, O_RDONLY)
      forChild = file.fd
      child = .some(file)
    case .pipe:
      let pipe = try Descriptor.pipe()
      forChild = pipe.read.fd
      child = .some(pipe.read)
      writer = .some(pipe.write)
    case .descriptor(let fd): forChild = fd
    case .closed: forChild = nil
    }
  }

  func started() { child = nil }

  func write(_ text: String) throws {
    guard let fd = writer?.fd else { throw SystemCallError("write", "stdin", Errno(EBADF)) }
    try SilentPipe.write(fd, text)
  }

  func close() { writer = nil }
}

private enum SilentPipe {
  /// Writes; a reader that has gone is an error of the one test (EPIPE) and not, by SIGPIPE, the end of all of them.
  /// The signal is held back on this thread alone: children and other tests see nothing of it.
  static func write(_ fd: Int32, _ text: String) throws(SystemCallError) {
    var pipeSignal = sigset_t()
    sigemptyset(&pipeSignal)
    sigaddset(&pipeSignal, SIGPIPE)
    var before = sigset_t()
    pthread_sigmask(SIG_BLOCK, &pipeSignal, &before)
    defer {
      var none = timespec()
      while sigtimedwait(&pipeSignal, nil, &none) == SIGPIPE {}
      pthread_sigmask(SIG_SETMASK, &before, nil)
    }
    try RawIO.writeAll(fd, text)
  }
}

/// stdout or stderr of a process under test.
final class TaroStream {
  let forChild: Int32?
  private var child: Descriptor?
  private var reader: Descriptor?
  /// What was read and not taken yet.
  var bytes: [UInt8] = []

  init(_ output: TaroProgram.Output) throws {
    switch output {
    case .file(let path):
      let file = try Descriptor.open(path, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
      forChild = file.fd
      child = .some(file)
    case .pipe:
      let pipe = try Descriptor.pipe()
      RawIO.setNonBlocking(pipe.read.fd)
      forChild = pipe.write.fd
      child = .some(pipe.write)
      reader = .some(pipe.read)
    case .descriptor(let fd): forChild = fd
    case .closed, .sameAsStdout: forChild = nil
    }
  }

  func started() { child = nil }

  /// For poll(2); nil at the end, or when this is no pipe.
  var fd: Int32? { reader?.fd }

  /// Reads what is there now.
  func readAvailable() {
    guard let fd = reader?.fd else { return }
    withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 1) { buffer in
      while true {
        switch RawIO.read(fd, into: buffer) {
        case .bytes(let count): bytes += buffer[..<count]
        case .wouldBlock: return
        case .end, .failed:
          reader = nil
          return
        }
      }
    }
  }

  func takeLine() -> String? {
    guard let end = bytes.firstIndex(of: 0x0a) else { return nil }
    defer { bytes.removeSubrange(...end) }
    return String(decoding: bytes[..<end], as: UTF8.self)
  }

  /// The reader goes away.
  func close() { reader = nil }
}
