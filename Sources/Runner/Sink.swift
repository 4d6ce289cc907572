internal import Glibc
internal import Linux

/// Where a stream of the job goes: taro's own stdout or stderr. Bytes are passed on at once and in order; what a slow
/// reader does not take yet is kept, and the job's stream is not read meanwhile, so that the job waits as it would
/// without taro. Nothing here ever blocks the run loop, which has signals and requests to answer.
///
/// When stdout and stderr are the same file, both streams share one sink: they arrive in the order they came.
final class Sink {
  private enum Manner {
    /// Regular files, which are never "not ready".
    case direct
    /// A description of our own for the same pipe or terminal, non-blocking: the inherited one is shared with
    /// others, for whom nothing may change.
    case nonBlocking(fd: Int32)
    /// After poll(2) says so, and never more than a pipe is then sure to take (pipe(7), PIPE_BUF).
    case small
  }

  private enum State { case open, readerGone, broken }

  let fd: Int32
  private let name: String
  private let manner: Manner
  private let notices: Notices
  private var state = State.open
  private var unsent: [UInt8] = []
  private var sent = 0

  init(_ fd: Int32, name: String, _ notices: Notices) {
    self.fd = fd
    self.name = name
    self.notices = notices
    manner = Self.manner(fd)
    if fcntl(fd, F_GETFD) < 0 { state = .broken }
  }

  deinit {
    if case .nonBlocking(let own) = manner { close(own) }
  }

  private static func manner(_ fd: Int32) -> Manner {
    var info = stat()
    guard fstat(fd, &info) == 0 else { return .small }
    switch info.st_mode & S_IFMT {
    case S_IFREG: return .direct
    case S_IFIFO, S_IFCHR:
      // Refused when the pipe was made by another user (sudo): then small pieces have to do.
      let own = open("/proc/self/fd/\(fd)", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
      return own >= 0 ? .nonBlocking(fd: own) : .small
    default: return .small
    }
  }

  /// True when both descriptors are the same file.
  static func areSame(_ first: Int32, _ second: Int32) -> Bool {
    var (one, other) = (stat(), stat())
    guard fstat(first, &one) == 0, fstat(second, &other) == 0 else { return false }
    return one.st_dev == other.st_dev && one.st_ino == other.st_ino
  }

  var hasUnsent: Bool { sent < unsent.count }
  var unsentCount: Int { unsent.count - sent }
  /// The reader of taro's own stream has gone: the job is to feel it.
  var isReaderGone: Bool { state == .readerGone }
  /// For poll(2), while there is something unsent.
  var pollFD: Int32 { if case .nonBlocking(let own) = manner { own } else { fd } }

  /// Passes the bytes on, or keeps what cannot go yet.
  func pass(_ bytes: UnsafeRawBufferPointer) {
    guard state == .open else { return }
    var rest = bytes
    if !hasUnsent { rest = write(bytes) }
    guard state == .open else { return }
    unsent.append(contentsOf: rest)
  }

  /// Sends what was kept, as far as it goes.
  func drain() {
    guard state == .open, hasUnsent else { return }
    let left = unsent.withUnsafeBytes { bytes in
      write(UnsafeRawBufferPointer(rebasing: bytes[sent...])).count
    }
    sent = unsent.count - left
    guard left == 0 || state != .open else { return }
    unsent.removeAll(keepingCapacity: true)
    sent = 0
  }

  /// Writes as much as goes without waiting and returns the rest.
  private func write(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    var rest = bytes
    while !rest.isEmpty {
      var piece = rest
      if case .small = manner {
        guard Poll.wait(fd, for: .writable, milliseconds: 0) else { return rest }
        piece = UnsafeRawBufferPointer(rebasing: rest.prefix(4096))
      }
      switch RawIO.write(pollFD, piece) {
      case .bytes(let count): rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      case .wouldBlock: return rest
      case .end: return rest
      case .failed(let errno):
        fail(errno)
        return UnsafeRawBufferPointer(start: nil, count: 0)
      }
    }
    return rest
  }

  private func fail(_ errno: Errno) {
    guard errno != .brokenPipe else {
      state = .readerGone
      return
    }
    state = .broken
    notices.say("cannot write to \(name): \(errno.message); the job runs on, and is recorded")
  }
}
