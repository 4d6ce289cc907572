internal import Ledger
internal import Linux
internal import Projections

/// A live tail with what every command that watches needs: runs whose runner was killed are noticed within 5 s, and a
/// ledger that takes the place of a damaged one is read from its beginning.
struct EventWatch: ~Copyable {
  private static let checkInterval: Int64 = 4_000_000

  private let view: LedgerView
  private var tail: LiveTail
  private var checkAt: Int64 = 0
  private var hasToldDamage = false
  /// Microseconds since boot; nil for no end.
  let deadline: Int64?
  /// What is shown is all there is to do: when nobody reads stdout any more, the program ends.
  private let endsWithReader: Bool

  init(
    _ view: LedgerView, after position: Int64, timeout: Int64? = nil, endsWithReader: Bool = false
  ) {
    self.view = view
    tail = LiveTail(view.reader, after: position)
    self.endsWithReader = endsWithReader
    // Longer than any clock runs, and the sum stays within 64 bits.
    deadline = timeout.map { Clock.bootMicroseconds() + min($0, 1 << 60) }
  }

  var isOver: Bool { deadline.map { Clock.bootMicroseconds() >= $0 } ?? false }

  /// The next events; waits when there are none, and may then give none.
  ///
  /// A ledger that is damaged now may be replaced by a good one: that is waited for.
  mutating func next() throws -> [Event] {
    if try view.followReplacement() {
      tail = LiveTail(view.reader, after: 0)
      hasToldDamage = false
      StandardError.say("going on with the ledger that was begun instead")
    }
    do throws(LedgerError) {
      let now = Clock.bootMicroseconds()
      if now >= checkAt {
        try view.closeLostRuns()
        checkAt = now + Self.checkInterval
      }
      let events = try tail.next()
      guard events.isEmpty else { return events }
      wait()
      return try tail.next()
    } catch {
      guard case .damaged = error else { throw error }
      if !hasToldDamage { StandardError.say("\(error)") }
      hasToldDamage = true
      wait()
      return []
    }
  }

  private mutating func wait() {
    let now = Clock.bootMicroseconds()
    let left = deadline.map { max(0, $0 - now + 999) / 1000 } ?? .max
    // `taro listen | head -n 1`: with nothing more to write, only this tells that head has gone.
    let isRead = tail.wait(
      milliseconds: Int32(clamping: left), output: endsWithReader ? 1 : nil)
    if !isRead { StandardOutput.end(after: .brokenPipe) }
  }
}
