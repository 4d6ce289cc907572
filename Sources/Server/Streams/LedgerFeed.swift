internal import Events
internal import Ledger
internal import Linux
internal import Operations
internal import Synchronization

/// One live tail of the ledger for all who listen, on a thread of its own. It tells only what is on disk, and keeps nobody's
/// place: each listener has a bounded buffer, and who has fallen behind reads the ledger by himself until he has caught up.
///
/// While nobody listens the thread sleeps.
final class LedgerFeed: Sendable {
  /// The buffer of one listener: so many events, or so many bytes of their data.
  static let bufferEvents = 256
  static let bufferBytes = 256 << 10
  /// The silence after which a listener is told that there is nothing; microseconds.
  static let quietTime: Int64 = 15_000_000

  private struct State {
    var listeners: [Int: Listener] = [:]
    var next = 0
    var isClosed = false
    var isEnding = false
  }

  private let directory: LedgerDirectory
  private let state = Monitor(State())

  /// - Throws: when there is no thread to have.
  init(_ directory: LedgerDirectory) throws {
    self.directory = directory
    _ = try WorkerThread { [self] in work() }
  }

  /// Begins to keep what comes for somebody, until he is dropped. What came before, he reads himself.
  func listen() -> Listener {
    state.change { state in
      state.next += 1
      let listener = Listener(state.next, self)
      state.listeners[state.next] = listener
      return listener
    }
  }

  fileprivate func drop(_ number: Int) { state.change { $0.listeners[number] = nil } }

  func close() { state.change { $0.isClosed = true } }

  /// The server is about to end: who waits for something looks up.
  func beginEnding() {
    state.change { $0.isEnding = true }
    for listener in listeners { listener.wake() }
  }

  var isEnding: Bool { state.change { $0.isEnding } }

  // MARK: The thread

  private func work() {
    let keeper = SessionKeeper(directory)
    while waitForListeners() {
      do {
        try keeper.use { session in
          guard let session else { return pause() }
          try follow(session)
        }
      } catch {
        // The next question to the ledger tells what is wrong with it; the feed waits until it is right again.
        interruptListeners()
        pause()
      }
    }
  }

  /// - Returns: false at the end.
  private func waitForListeners() -> Bool {
    state.wait { $0.isClosed ? false : $0.listeners.isEmpty ? nil : true }
  }

  private func pause() {
    _ = Poll.wait(-1, for: .readable, milliseconds: 200)
    tick()
  }

  private func tick() {
    let now = MonotonicTime.now
    for listener in listeners { listener.tick(now) }
  }

  /// Follows the ledger until nobody listens, or another one stands at the name.
  private func follow(_ session: LedgerSession) throws(LedgerError) {
    let ledger = session.reader.ledgerID
    let files = session.reader.filesOfWriters
    var tail = LiveTail(session.reader, after: try session.reader.head().seq)
    let durable = DurableFollower(session.reader)
    // Somebody who listens already may have missed what came before this head was asked for.
    interruptListeners()
    while hasListeners {
      let events = try tail.next(limit: Self.bufferEvents)
      if let last = events.last {
        while !durable.isOnDisk(last), hasListeners {
          _ = Poll.wait(-1, for: .readable, milliseconds: 5)
        }
        if tail.takePassedOver() != nil { interruptListeners() }
        for listener in listeners { listener.add(events, of: ledger) }
        continue
      }
      tail.wait()
      tick()
      guard !session.reader.isReplaced, session.reader.filesOfWriters == files else { return }
    }
  }

  private var hasListeners: Bool { state.change { !$0.listeners.isEmpty && !$0.isClosed } }
  private var listeners: [Listener] { state.change { Array($0.listeners.values) } }

  private func interruptListeners() { for listener in listeners { listener.interrupt() } }

  // MARK: Listeners

  /// Somebody who listens, and what comes for him.
  final class Listener: Sendable {
    /// The next thing that he has to do.
    enum Next: Sendable {
      /// These come next behind what he has, of that ledger.
      case events([Event], ledger: String)
      /// Something was not kept for him: he reads the ledger until there is nothing more, and asks again.
      case behind
      /// Nothing has come for a while, or somebody has woken him.
      case quiet
    }

    private struct State {
      var events: [Event] = []
      var bytes = 0
      var ledger = ""
      /// True when he has to read the ledger: at first he reads what there is.
      var isBehind = true
      var isQuiet = false
      /// The time at which he was last told something.
      var toldAt = MonotonicTime.now
      var waiter: CheckedContinuation<Void, Never>?
      var isCancelled = false
    }

    private let number: Int
    private let feed: LedgerFeed
    private let state = Mutex(State())

    fileprivate init(_ number: Int, _ feed: LedgerFeed) {
      self.number = number
      self.feed = feed
    }

    /// Ends the listening.
    func stop() { feed.drop(number) }

    /// The next events; waits for them. What is behind a position that he has seen himself, he passes over.
    /// - Throws: `CancellationError`.
    func next() async throws -> Next {
      while true {
        if let next = take() { return next }
        await waitForChange()
        try Task.checkCancellation()
      }
    }

    private func take() -> Next? {
      state.withLock { state in
        if state.isBehind {
          // The feed keeps everything from now on; what came until now, he reads.
          (state.isBehind, state.events, state.bytes) = (false, [], 0)
          return .behind
        }
        if state.isQuiet, state.events.isEmpty {
          (state.isQuiet, state.toldAt) = (false, MonotonicTime.now)
          return .quiet
        }
        guard !state.events.isEmpty else { return nil }
        state.toldAt = MonotonicTime.now
        defer { (state.events, state.bytes) = ([], 0) }
        return .events(state.events, ledger: state.ledger)
      }
    }

    private func waitForChange() async {
      await withTaskCancellationHandler {
        await withCheckedContinuation { continuation in
          let isNow = state.withLock { state in
            guard state.events.isEmpty, !state.isBehind, !state.isQuiet, !state.isCancelled else {
              return true
            }
            state.waiter = continuation
            return false
          }
          if isNow { continuation.resume() }
        }
      } onCancel: {
        let waiter = state.withLock { state in
          state.isCancelled = true
          return state.waiter.take()
        }
        waiter?.resume()
      }
    }

    fileprivate func add(_ events: [Event], of ledger: String) {
      let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
        guard !state.isBehind else { return nil }
        let bytes = events.reduce(0) { $0 + $1.approximateBytes }
        let isTooMuch =
          state.events.count + events.count > LedgerFeed.bufferEvents
          || state.bytes + bytes > LedgerFeed.bufferBytes
        // A listener's buffer has events of one ledger only.
        if isTooMuch && !state.events.isEmpty || !state.events.isEmpty && state.ledger != ledger {
          (state.isBehind, state.events, state.bytes) = (true, [], 0)
        } else {
          state.events += events
          state.bytes += bytes
          state.ledger = ledger
        }
        return state.waiter.take()
      }
      waiter?.resume()
    }

    /// Tells him that nothing comes, when he has not been told anything for so long.
    fileprivate func tick(_ now: MonotonicTime) {
      let isDue = state.withLock { now - $0.toldAt >= LedgerFeed.quietTime }
      if isDue { wake() }
    }

    /// Lets him look at the clock.
    func wake() {
      let waiter = state.withLock { state in
        state.isQuiet = true
        return state.waiter.take()
      }
      waiter?.resume()
    }

    fileprivate func interrupt() {
      let waiter = state.withLock { state in
        (state.isBehind, state.events, state.bytes) = (true, [], 0)
        return state.waiter.take()
      }
      waiter?.resume()
    }
  }
}

extension Event {
  fileprivate var approximateBytes: Int { 200 + (data.utf8.count) }
}
