internal import CommandLineKit
internal import Events
internal import Glibc
internal import Ledger
internal import Linux
internal import Matching
internal import Operations
internal import Presentation
internal import Projections

/// A replay on a terminal, steered by keys. What is shown is a ``ReplayScreen``'s; the terminal is given back before this
/// ends, however it ends.
final class ReplayLoop {
  private static let frame: Int64 = 40_000
  /// Milliseconds between looks whether it is in the foreground.
  private static let lookInterval: Int32 = 200
  /// Bytes that are taken in between two looks at the keys.
  private static let piece = 1 << 20

  private let session: LedgerSession
  private let record: InstanceRecord
  private let request: ReplayItems.Request
  private let maximumIdle: Int64?
  private let events: EventLine
  private let begin: WallTime
  private let end: WallTime

  private let terminal = KeyTerminal()
  /// Others were in the foreground when it was looked last.
  private var isAway = false
  private var screen: ReplayScreen
  private var status: ReplayStatus
  private var keys = ReplayKeys()
  private var items: ReplayItems
  /// The item that comes next, without the bytes that were shown.
  private var next: ReplayItem?
  /// The moment of the run at which the replay is, and when that was looked at.
  private var position: WallTime
  private var lookedAt: MonotonicTime
  private var pattern: LineMatcher?

  init(
    _ record: InstanceRecord, in session: LedgerSession, _ request: ReplayItems.Request,
    speed: Double, maximumIdle: Int64?, begin: WallTime, end: WallTime, _ palette: Palette
  ) throws {
    (self.session, self.record, self.request) = (session, record, request)
    (self.maximumIdle, self.begin, self.end) = (maximumIdle, begin, end)
    events = EventLine(format: .text, palette: .plain)
    screen = ReplayScreen(rows: 24, columns: 80, palette)
    status = ReplayStatus(name: record.name)
    status.speed = speed
    status.length = max(0, end - begin)
    items = try ReplayItems(session.reader, record.instance, request)
    position = request.from ?? begin
    lookedAt = MonotonicTime.now
    next = try items.next()
  }

  /// Until somebody ends it.
  /// - Returns: the signal that has ended it, for this process to die of.
  func run() throws -> Int32? {
    let signals = try SignalQueue([SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH, SIGCONT])
    terminal.enter()
    defer { terminal.leave() }
    measure()
    while true {
      while let delivery = signals.next() {
        switch delivery.signal {
        case SIGWINCH: measure()
        case _ where delivery.isIgnored: break
        case SIGCONT: comeBack()
        case SIGTSTP:
          terminal.leave()
          SelfStop.stop(by: SIGTSTP, group: true)
          comeBack()
        default: return delivery.signal
        }
      }
      let isHere = KeyTerminal.isHere
      if isHere, isAway { comeBack() }
      isAway = !isHere
      try advance()
      draw()
      var poll = Poll()
      if isHere { poll.add(STDIN_FILENO) }
      poll.add(signals.fd)
      // Nobody tells one that runs that it is in the foreground again.
      poll.wait(milliseconds: isHere ? patience : Self.lookInterval)
      if isHere, poll.isReady(STDIN_FILENO) {
        guard let typed = terminal.read() else { return nil }
        for command in keys.take(typed) {
          if command == .quit { return nil }
          try carryOut(command)
        }
      }
    }
  }

  /// Takes the terminal again after a stop: the shell has had it meanwhile, and has it still where this goes on in the
  /// background.
  private func comeBack() {
    guard KeyTerminal.isHere else { return }
    terminal.leave()
    terminal.enter()
    measure()
    lookedAt = MonotonicTime.now
  }

  private func measure() {
    let size = Terminal.size(STDOUT_FILENO)
    screen.rows = max(2, Int(size?.rows ?? 24))
    screen.columns = max(10, Int(size?.columns ?? 80))
  }

  private func draw() {
    guard KeyTerminal.isHere else { return }
    status.position = next == nil ? min(position - begin, status.length) : position - begin
    status.prompt = keys.prompt
    status.isOver = next == nil
    let frame = screen.frame(status: status.text)
    try? RawIO.writeAll(STDOUT_FILENO, frame.text)
  }

  private var isStanding: Bool { status.isPaused || next == nil || keys.prompt != nil }

  /// Milliseconds until something is to be shown; for ever while it stands.
  private var patience: Int32 {
    guard !isStanding, let next else { return -1 }
    let due = Double(max(0, next.at - position)) / status.speed
    return Int32(clamping: Int64(min(max(due, Double(Self.frame)), 100_000)) / 1000)
  }

  /// Takes in what is due by now.
  private func advance() throws {
    let now = MonotonicTime.now
    defer { lookedAt = now }
    guard !isStanding else { return }
    position = position + Int64(min(Double(now - lookedAt) * status.speed, 1e15))
    var left = Self.piece
    while let item = next, left > 0 {
      if let maximumIdle, item.at - position > maximumIdle { position = item.at - maximumIdle }
      guard item.at <= position else { return }
      left -= try show(item)
    }
    // There was more than could be shown in that time: no faster than that.
    if left <= 0, let item = next { position = min(position, item.at) }
  }

  /// Shows the next item, or as much of it as ends a line.
  /// - Returns: how many bytes these were.
  @discardableResult private func show(
    _ item: ReplayItem, met: (OutputStream, [UInt8]) -> Void = { _, _ in }
  ) throws -> Int {
    switch item {
    case .output(let stream, let at, let bytes):
      let (count, line) = screen.take(bytes, stream)
      let rest = bytes.dropFirst(count)
      next = rest.isEmpty ? try items.next() : .output(stream, at: at, rest)
      if let line { met(stream, line) }
      return max(1, count)
    case .event(let event): screen.take(event: Self.text(events.line(event)))
    case .damaged(let seq, _, let bytes):
      screen.take(event: "(\(TimeFormat.bytes(bytes)) damaged in the ledger: event \(seq))")
    case .dropped: screen.take(event: "(dropped by retention)")
    case .gap(let gap, _): screen.take(event: "(\(OutputGapText.of(gap)))")
    }
    next = try items.next()
    return 1
  }

  private static func text(_ line: PrintableText) -> String {
    line.text.hasSuffix("\n") ? String(line.text.dropLast()) : line.text
  }

  // MARK: Commands

  private func carryOut(_ command: ReplayKeys.Command) throws {
    status.notice = nil
    switch command {
    case .pause: status.isPaused.toggle()
    case .faster: if status.speed < 1024 { status.speed *= 2 }
    case .slower: if status.speed > 1.0 / 64 { status.speed /= 2 }
    case .step: try go { _, _ in true }
    case .nextError: try go(orSay: "no more lines of stderr") { stream, _ in stream == .stderr }
    case .nextHit: try goToHit()
    case .seek(let seconds): try seek(to: position + Int64(seconds) * 1_000_000)
    case .search(let text):
      do throws(RegularExpression.Refusal) {
        pattern = LineMatcher(try RegularExpression(text))
      } catch {
        status.notice = "\(error.reason), at character \(error.offset)"
        return
      }
      try goToHit()
    case .typing, .quit: break
    }
  }

  private func goToHit() throws {
    guard let pattern else {
      status.notice = "nothing is looked for: / begins"
      return
    }
    try go(orSay: "not found from here on") { _, line in
      unsafe line.withUnsafeBytes { unsafe pattern.find(in: $0, .whole) } == .found
    }
    if status.notice == nil { screen.markLast() }
  }

  /// Goes on, without waiting, up to the line that is wanted, and stands there; stays where it is when there is none, or
  /// when a signal comes that ends it.
  private func go(
    orSay notice: String? = nil, _ isWanted: (OutputStream, [UInt8]) -> Bool
  ) throws {
    let former = (screen, items, next, position)
    status.isPaused = true
    var (isFound, left) = (false, Self.piece)
    while !isFound, let item = next {
      position = max(position, item.at)
      left -= try show(item) { stream, line in isFound = isWanted(stream, line) }
      guard left <= 0 else { continue }
      if [SIGINT, SIGTERM, SIGHUP, SIGQUIT].contains(where: { Signals.isPending($0) }) { break }
      left = Self.piece
    }
    guard !isFound, let notice else { return }
    (screen, items, next, position) = former
    status.notice = notice
  }

  /// Shows the run as it was at that moment.
  private func seek(to time: WallTime) throws {
    let target = min(max(time, request.from ?? begin), max(end, begin))
    screen.clear()
    // From so far back that the screen is full.
    let recorded = RecordedOutput(session.reader, record.instance, stream: request.stream)
    let last = try session.reader.lastOutput(of: record.instance, notAfter: target) ?? 0
    let first = try recorded.startOfLastLines(screen.rows, upTo: last).n
    items = try ReplayItems(
      session.reader, record.instance, request, after: max(0, first - 1))
    next = try items.next()
    while let item = next, item.at <= target { try show(item) }
    position = target
    lookedAt = MonotonicTime.now
  }
}
