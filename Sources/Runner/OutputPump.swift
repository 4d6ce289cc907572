internal import Events
internal import Linux
internal import Settings
internal import Spawn

/// Reads the job's streams, passes the bytes on at once, and collects them for the recorder. Part of the supervisor's
/// thread.
final class OutputPump {
  private final class Source {
    let stream: OutputStream
    /// The forwarder of the stream; nil: the job has the stream itself.
    let forwarder: StreamForwarder?
    var pipe: Descriptor?
    var hasGrown = false
    /// It is on record that its place takes no more.
    var isGapRecorded = false

    init(_ stream: OutputStream, _ forwarder: StreamForwarder?, _ pipe: consuming Descriptor?) {
      self.stream = stream
      self.forwarder = forwarder
      self.pipe = consume pipe
      if let fd = self.pipe.fd { RawIO.setNonBlocking(fd) }
    }
  }

  /// The way that bytes go once they are read, besides being recorded.
  private enum Mode {
    case passing
    /// Nothing is passed on before `release`.
    case holding(DeferredOutput)
    /// The held bytes are on their way, and go before what is still to come.
    case releasing(DeferredOutput)
  }

  /// Bytes kept for a slow reader once the job has ended and only its pipe is left to empty.
  private static let unsentLimit = 4 << 20
  private static let flushInterval: Int64 = 250_000
  private static let followedFlushInterval: Int64 = 10_000

  private let stdout: Source
  private let stderr: Source
  /// Each once.
  private let forwarders: [StreamForwarder]
  /// The way to the recorder; nil once the record has ended.
  private var mailbox: RecorderMailbox?
  private let reporter: StderrReporter
  private var mode: Mode
  private let overflow: OutputOverflow
  private var chunk: ChunkBuffer?
  /// Takes bytes that are passed on and not recorded.
  private lazy var scratch = ChunkBuffer()
  private var flushAt: BootTime?
  private var syncAt: BootTime?
  private var lastDurableAt = BootTime.boot
  private var isStarved = false
  private(set) var bytesRead: Int64 = 0
  /// Somebody whom the job left behind goes on writing, and nobody reads here any more.
  private(set) var isLeft = false
  /// Set once the job has ended: its pipe is emptied even when a reader is slow, so that the end can be recorded.
  var jobHasEnded = false
  /// Asks whether somebody follows the instance: output is then flushed sooner.
  private let isFollowed: () -> Bool

  /// - Parameters:
  ///   - stdout: nil for a stream that the job has itself, as is its forwarder.
  ///   - stderr: nil also for a job whose streams are one.
  ///   - forwarders: the same for both where they go to one place.
  init(
    stdout: consuming Descriptor?, stderr: consuming Descriptor?,
    forwarders: (stdout: StreamForwarder?, stderr: StreamForwarder?), mailbox: RecorderMailbox?,
    overflow: OutputOverflow,
    holdsBack: Bool, reporter: StderrReporter, isFollowed: @escaping () -> Bool
  ) {
    self.stdout = Source(.stdout, forwarders.stdout, stdout)
    self.stderr = Source(.stderr, forwarders.stderr, stderr)
    let (first, second) = forwarders
    self.forwarders = (first === second ? [first] : [first, second]).compactMap { $0 }
    self.mailbox = mailbox
    self.reporter = reporter
    mode = holdsBack ? .holding(DeferredOutput()) : .passing
    self.overflow = overflow
    self.isFollowed = isFollowed
  }

  /// True when both streams have ended, or nobody reads them any more.
  var isAtEnd: Bool { isLeft || (stdout.pipe == nil && stderr.pipe == nil) }

  /// A stream is open and not read: no buffer is free, or its reader is slow. What is in it still has to come.
  var isHeldUp: Bool {
    [stdout, stderr].contains { $0.pipe != nil && readableFD($0) == nil }
  }

  var hasUnsent: Bool { forwardersHaveUnsent || isReleasing }

  private var forwardersHaveUnsent: Bool { forwarders.contains { $0.hasUnsent } }

  /// Something that the job has said on stderr is held back.
  var holdsErrors: Bool { if case .holding(let held) = mode { held.hasErrors } else { false } }

  /// True while the held bytes go before what is still to come.
  var isReleasing: Bool { if case .releasing = mode { true } else { false } }

  /// There is more to pass on, and whoever reads it is ready: `pump` wants to be called without waiting.
  var canRelease: Bool { isReleasing && !forwardersHaveUnsent }

  /// The time at which `tick` or `pump` wants to be called.
  var deadline: BootTime? {
    if canRelease { return BootTime.now }
    var next = flushAt
    func take(_ other: BootTime?) {
      guard let other else { return }
      next = next.map { min($0, other) } ?? other
    }
    take(syncAt)
    for forwarder in forwarders { take(forwarder.lineDueAt) }
    return next
  }

  func addInterest(to poll: inout Poll) {
    for forwarder in forwarders where forwarder.hasUnsent { poll.add(forwarder.pollFD, .writable) }
    if let fd = readableFD(stdout) { poll.add(fd) }
    if let fd = readableFD(stderr) { poll.add(fd) }
  }

  /// Returns nil while the stream is not to be read: it has ended, its reader is slow, or no buffer is free.
  private func readableFD(_ source: Source) -> Int32? {
    guard let fd = source.pipe.fd, let forwarder = source.forwarder, !isStarved, !isLeft else {
      return nil
    }
    if case .releasing(let held) = mode {
      return jobHasEnded && held.memoryCount < Self.unsentLimit ? fd : nil
    }
    guard forwarder.hasUnsent else { return fd }
    return jobHasEnded && forwarder.unsentCount < Self.unsentLimit ? fd : nil
  }

  /// Does what the last poll found ready.
  func pump(_ poll: borrowing Poll) {
    for forwarder in forwarders where forwarder.hasUnsent && poll.isReady(forwarder.pollFD) {
      forwarder.drain()
    }
    passOnHeld()
    if let fd = readableFD(stdout), poll.isReady(fd) { read(stdout) }
    if let fd = readableFD(stderr), poll.isReady(fd) { read(stderr) }
    closeWherePlaceIsGone(stdout)
    closeWherePlaceIsGone(stderr)
  }

  /// Passes on what has been written so far: this process is about to be stopped, and with it whoever reads a prompt.
  func passOnNow() {
    if readableFD(stdout) != nil { read(stdout) }
    if readableFD(stderr) != nil { read(stderr) }
  }

  /// The recorder has given buffers back.
  func buffersReturned() { isStarved = false }

  /// Somebody has begun to follow: what is collected need not wait any longer.
  func followerArrived() {
    if flushAt != nil { flushAt = .now }
  }

  /// Flushes and syncs what is due.
  func tick() {
    let now = BootTime.now
    for forwarder in forwarders {
      if let at = forwarder.lineDueAt, now >= at { forwarder.sendLineStart() }
    }
    if let flushAt, now >= flushAt { flush() }
    if let syncAt, now >= syncAt {
      mailbox?.hand(.sync)
      self.syncAt = nil
    }
  }

  /// Hands the collected bytes to the recorder.
  func flush() {
    flushAt = nil
    guard let chunk, !chunk.isEmpty, let mailbox else { return }
    let now = BootTime.now
    // One flush to disk in an interval is enough, however many chunks there are.
    let durable = now - lastDurableAt >= Self.flushInterval
    mailbox.hand(.output(chunk, durable: durable))
    self.chunk = nil
    if durable {
      lastDurableAt = now
      syncAt = nil
    } else {
      syncAt = syncAt ?? lastDurableAt + Self.flushInterval
    }
  }

  /// Stops reading although somebody still holds the job's output open: what comes now is the copier's.
  func leave() { isLeft = true }

  /// All has been read. What waits for the end of its line is passed on, and of what was held back, as much as nobody
  /// has to be waited for: a place that refuses it has a say in how the run ends.
  func finish() {
    while isReleasing, !forwardersHaveUnsent { passOnHeld() }
    for forwarder in forwarders { forwarder.finish() }
    for source in [stdout, stderr] where source.forwarder?.refusal != nil { recordGap(source) }
  }

  /// The place that took no more, and why; nil where all was taken.
  var refusal: String? { forwarders.lazy.compactMap(\.refusal).first }

  /// Somebody who was to get the output does not take it any more.
  var hasLostReader: Bool { forwarders.contains { $0.isGone } }

  /// The record has ended: what is read from now on is only passed on.
  func goOnUnrecorded() {
    mailbox = nil
    chunk = nil
    flushAt = nil
    syncAt = nil
    isStarved = false
    isLeft = false
  }

  /// The streams that somebody has open still, for a copier. Of output that is held back nothing is said any more: it
  /// was not wanted.
  var left: [LeftStream] {
    let isPassing = if case .passing = mode { true } else { false }
    var isFirst = true
    return [stdout, stderr].compactMap { source in
      guard let pipe = source.pipe.fd, let forwarder = source.forwarder else { return nil }
      // A forwarder of both has what it has once.
      let undelivered = isPassing && (isFirst || forwarders.count > 1) ? forwarder.undelivered : []
      isFirst = false
      return LeftStream(
        pipe: pipe, place: isPassing ? forwarder.fd : nil,
        wantsWholeLines: forwarder.wantsWholeLines,
        undelivered: undelivered)
    }
  }

  /// A copier has them.
  func closeLeft() {
    for source in [stdout, stderr] where source.pipe != nil {
      source.forwarder?.forgetUndelivered()
      source.pipe = nil
    }
  }

  /// Reads until the pipe is empty, but not for ever: signals and the other stream have to be seen too.
  private func read(_ source: Source) {
    for _ in 0..<16 {
      guard let fd = source.pipe.fd, readableFD(source) != nil else { return }
      guard let buffer = nextBuffer() else {
        isStarved = true
        return
      }
      let free = buffer.free
      switch RawIO.read(fd, into: free) {
      case .bytes(let count):
        bytesRead += Int64(count)
        pass(UnsafeRawBufferPointer(rebasing: free[..<count]), source, goesOn: count == free.count)
        take(count, into: buffer, source.stream)
        if count >= PipeCapacity.usual, !source.hasGrown {
          // A job that fills the pipe: a larger one saves it, and us, most of the switches.
          PipeCapacity.grow(fd)
          source.hasGrown = true
        }
      case .wouldBlock: return
      case .end, .failed: source.pipe = nil
      }
    }
  }

  private func pass(_ bytes: UnsafeRawBufferPointer, _ source: Source, goesOn: Bool) {
    switch mode {
    case .passing: source.forwarder?.pass(bytes, goesOn: goesOn)
    case .releasing(let held): held.keepInMemory(bytes, source.stream)
    case .holding(let held):
      do throws(SystemCallError) { try held.keep(bytes, source.stream) } catch {
        reporter.report("cannot keep the output back any longer: \(error)")
        release()
      }
    }
  }

  /// Passes on what was held back, and all that follows.
  func release() {
    if case .holding(let held) = mode { mode = .releasing(held) }
  }

  /// A few pieces, and no more while a reader is slow: signals have to be seen too.
  private func passOnHeld() {
    guard case .releasing(let held) = mode else { return }
    for _ in 0..<16 where !forwardersHaveUnsent {
      do throws(SystemCallError) {
        guard let piece = try held.next() else {
          mode = .passing
          return
        }
        let forwarder = piece.stream == .stdout ? stdout.forwarder : stderr.forwarder
        piece.bytes.withUnsafeBytes { forwarder?.pass($0) }
      } catch {
        reporter.report(
          "output that was kept back cannot be read: \(error); "
            + reporter.voice.remedy(.keptOutputUnreadable))
        mode = .passing
        return
      }
    }
  }

  private func nextBuffer() -> ChunkBuffer? {
    guard let mailbox else { return scratch }
    if let chunk { return chunk }
    chunk = mailbox.takeBuffer()
    if let chunk { return chunk }
    return overflow == .drop ? scratch : nil
  }

  private func take(_ count: Int, into buffer: ChunkBuffer, _ stream: OutputStream) {
    buffer.append(count, stream)
    guard buffer === chunk else {
      mailbox?.hand(.dropped(buffer.totals))
      buffer.clear()
      return
    }
    if flushAt == nil {
      let interval = isFollowed() ? Self.followedFlushInterval : Self.flushInterval
      flushAt = BootTime.now + interval
    }
    if buffer.isFull { flush() }
  }

  /// The job's next write fails, as it would have without taro.
  private func closeWherePlaceIsGone(_ source: Source) {
    guard source.pipe != nil, let forwarder = source.forwarder, forwarder.isGone else { return }
    source.pipe = nil
    recordGap(source)
  }

  /// Nothing is recorded of a reader that went away when all had been read: nobody misses anything.
  private func recordGap(_ source: Source) {
    guard !source.isGapRecorded, let forwarder = source.forwarder, forwarder.isGone else { return }
    source.isGapRecorded = true
    let name = source.stream == .stdout ? "stdout" : "stderr"
    let reason = forwarder.refusal ?? "the reader of \(name) went away"
    mailbox?.hand(
      .event(
        .outputGap, OutputGap(bytes: 0, reason: reason).json, at: .now,
        mono: .now))
  }
}
