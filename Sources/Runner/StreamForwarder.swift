internal import Events
internal import Glibc
internal import Linux

/// Forwards a stream of the job to taro's own stdout or stderr. Bytes are passed on at once and in order; what a slow
/// reader does not take yet is kept, and the job's stream is not read meanwhile, so that the job waits as it would
/// without taro. Nothing here ever blocks the supervisor, which has signals and requests to answer.
///
/// Others may write into the same place, and what is one line is not to be torn: where a file is appended to, a line
/// goes in one write, its beginning waiting for its end a little; into a pipe, in pieces that nobody's bytes can come
/// between (pipe(7), PIPE_BUF), cut behind a line.
final class StreamForwarder {
  private enum Mode {
    /// Regular files, which are never "not ready".
    case direct
    /// A description of our own for the same pipe or terminal, non-blocking: the inherited one is shared with
    /// others, for whom nothing may change.
    case nonBlocking(fd: Int32)
    /// After poll(2) says so, and never more than a pipe is then sure to take.
    case small
  }

  private enum State: Equatable {
    case open
    case readerGone
    /// The place takes no more.
    case refused(Errno)
    /// A terminal that is there no more: a job that goes on without it would not be told by a signal.
    case hungUp
  }

  /// The time that the beginning of a line waits for its end, microseconds.
  private static let linePatience: Int64 = 100_000
  /// The longest beginning of a line whose end is waited for.
  private static let lineLimit = 1 << 20

  let fd: Int32
  /// The file at the descriptor; nil where there is none.
  let place: OpenFile?
  private let name: String
  private let mode: Mode
  private let appends: Bool
  private let isPipe: Bool
  private let reporter: StderrReporter
  private var state = State.open
  private var unsent: [UInt8] = []
  private var sent = 0
  /// The beginning of a line.
  private var lineStart: [UInt8] = []
  /// The time at which it is written without its end.
  private(set) var lineDueAt: BootTime?
  private var hasWritten = false
  /// Bytes that the place did not take.
  private var refusedBytes: Int64 = 0

  init(_ fd: Int32, name: String, _ reporter: StderrReporter) {
    self.fd = fd
    self.name = name
    self.reporter = reporter
    let place = OpenFile(fd)
    self.place = place
    appends = place?.kind == .regular && place?.appends == true
    isPipe = place?.kind == .pipe
    mode = Self.mode(fd, place)
  }

  deinit {
    if case .nonBlocking(let own) = mode { close(own) }
  }

  private static func mode(_ fd: Int32, _ file: OpenFile?) -> Mode {
    switch file?.kind {
    case .regular: return .direct
    case .pipe, .characters:
      // Refused when the pipe was made by another user (sudo): then small pieces have to do.
      let own = open("/proc/self/fd/\(fd)", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
      return own >= 0 ? .nonBlocking(fd: own) : .small
    default: return .small
    }
  }

  var hasUnsent: Bool { sent < unsent.count }
  var unsentCount: Int { unsent.count - sent }
  /// The place takes no more, or nobody reads there: the job is to feel it.
  var isGone: Bool {
    switch state {
    case .readerGone, .refused: true
    case .open, .hungUp: false
    }
  }
  /// The descriptor to poll while there is something unsent.
  var pollFD: Int32 { if case .nonBlocking(let own) = mode { own } else { fd } }
  /// A write never has to wait for a reader.
  var isDirect: Bool { if case .direct = mode { true } else { false } }
  var wantsWholeLines: Bool { appends }

  /// The reason why the place took no more, and of how many bytes; nil where it took all.
  var refusal: String? {
    guard case .refused(let errno) = state else { return nil }
    let missing =
      refusedBytes == 0
      ? "what was written last" : "\(refusedBytes) byte\(refusedBytes == 1 ? "" : "s")"
    return "cannot write to \(name): \(errno.message); \(missing) may be missing there"
  }

  /// Passes the bytes on, or keeps what cannot go yet.
  /// - Parameter goesOn: what follows is there already, and was only not read together with them.
  func pass(_ bytes: UnsafeRawBufferPointer, goesOn: Bool = false) {
    guard state == .open else { return refuse(bytes.count) }
    let whole = appends || (goesOn && isPipe) ? wholeLines(bytes) : bytes
    let rest = UnsafeRawBufferPointer(rebasing: bytes[whole.count...])
    if !whole.isEmpty { send(whole) }
    guard !rest.isEmpty else { return }
    guard state == .open else { return refuse(rest.count) }
    lineStart.append(contentsOf: rest)
    if !hasUnsent { beginPatience() }
  }

  /// Its patience begins when nothing before it has to go any more.
  private func beginPatience() {
    guard !lineStart.isEmpty else { return }
    lineDueAt = lineDueAt ?? .now + Self.linePatience
  }

  /// Up to the last line feed; all of it when the line is too long already.
  private func wholeLines(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    let count = LinePieces.wholeLines(bytes)
    guard count == 0, lineStart.count + bytes.count > Self.lineLimit else {
      return UnsafeRawBufferPointer(rebasing: bytes[..<count])
    }
    return bytes
  }

  /// The beginning of a line that has waited long enough, or whose end does not come.
  func sendLineStart() {
    guard !lineStart.isEmpty, state == .open else { return }
    send(UnsafeRawBufferPointer(start: nil, count: 0))
  }

  /// Nothing follows: what is still to be said of it is said now, as far as nobody has to be waited for.
  func finish() {
    sendLineStart()
    guard state == .open, hasWritten, isDirect, let errno = RawIO.deferredError(fd) else { return }
    fail(errno)
  }

  /// The bytes that the place was not given yet, for who goes on in this one's stead.
  var undelivered: [UInt8] { state == .open ? unsent[sent...] + lineStart : [] }

  /// Somebody else has it now.
  func forgetUndelivered() {
    unsent = []
    sent = 0
    lineStart = []
    lineDueAt = nil
  }

  private func keep(_ bytes: UnsafeRawBufferPointer) { unsent.append(contentsOf: bytes) }

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
    if state == .open { beginPatience() }
  }

  /// Sends the beginning of a line that was waited for, and what follows it, behind what is still unsent; keeps what
  /// does not go yet.
  private func send(_ bytes: UnsafeRawBufferPointer) {
    lineDueAt = nil
    guard !hasUnsent else {
      unsent += lineStart
      lineStart.removeAll(keepingCapacity: true)
      return keep(bytes)
    }
    guard !lineStart.isEmpty else {
      keep(write(bytes))
      return
    }
    let start = lineStart
    lineStart.removeAll(keepingCapacity: true)
    let count = start.count + bytes.count
    guard case .direct = mode, room(for: count) == count else {
      (start + bytes).withUnsafeBytes { keep(write($0)) }
      return
    }
    switch start.withUnsafeBytes({ RawIO.write(fd, $0, bytes) }) {
    case .bytes(let count):
      hasWritten = true
      guard count < start.count + bytes.count else { return }
      (start + bytes).withUnsafeBytes { all in
        keep(write(UnsafeRawBufferPointer(rebasing: all[count...])))
      }
    case .failed(let errno): fail(errno, missing: start.count + bytes.count)
    case .wouldBlock, .end:
      start.withUnsafeBytes { keep($0) }
      keep(bytes)
    }
  }

  /// Writes as much as goes without waiting and returns the rest.
  private func write(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    var rest = bytes
    while !rest.isEmpty {
      var piece = isPipe ? LinePieces.first(of: rest) : rest
      if case .small = mode {
        guard Poll.wait(fd, for: .writable, milliseconds: 0) else { return rest }
        piece = LinePieces.first(of: rest)
      }
      guard let room = room(for: piece.count) else {
        fail(Errno(EFBIG), missing: rest.count)
        return UnsafeRawBufferPointer(start: nil, count: 0)
      }
      piece = UnsafeRawBufferPointer(rebasing: piece[..<room])
      switch RawIO.write(pollFD, piece) {
      case .bytes(let count):
        hasWritten = true
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      case .wouldBlock, .end: return rest
      case .failed(let errno):
        fail(errno, missing: rest.count)
        return UnsafeRawBufferPointer(start: nil, count: 0)
      }
    }
    return rest
  }

  /// Returns how many of so many bytes the place takes by the caller's limit on the size of files, which the job would
  /// have met here; nil: none.
  private func room(for count: Int) -> Int? {
    guard case .direct = mode else { return count }
    return CallerLimits.room(for: count, in: fd, appends: appends)
  }

  private func refuse(_ count: Int) {
    if case .refused = state { refusedBytes += Int64(count) }
  }

  private func fail(_ errno: Errno, missing: Int = 0) {
    switch errno.code {
    case EPIPE, ECONNRESET: state = .readerGone
    case EIO where Terminal.isHungUp(fd):
      state = .hungUp
      reporter.report(
        "cannot write to \(name): its terminal is gone; the job runs on, and is recorded")
    default:
      state = .refused(errno)
      refuse(missing)
      reporter.report("cannot write to \(name): \(errno.message); the job's \(name) is closed")
    }
  }
}
