internal import Events
internal import Glibc
internal import Linux
internal import Projections

/// Follows what becomes of requests: a runner that may not signal its job says so in the ledger.
struct DeliveryWatch: ~Copyable {
  /// The time for which an answer is waited for where there may be one, microseconds.
  static let patience: Int64 = 1_000_000

  private let request: ControlRequest
  private var follower: EventFollower

  /// - Parameters:
  ///   - position: before the requests.
  ///   - maintain: as for `EventFollower`.
  ///   - timeout: microseconds.
  init(
    _ session: LedgerSession, of request: ControlRequest, after position: Seq,
    maintain: LedgerSession.Maintain?, timeout: Int64,
    notify: @escaping (EventFollower.Notice) -> Void
  ) {
    self.request = request
    follower = EventFollower(
      session, after: position, maintain: maintain, timeout: timeout, notify: notify)
  }

  /// Waits until each has ended, or its runner has answered that it cannot; returns those of which neither is known in
  /// time.
  /// - Parameter report: told of those that could not be signalled, with the kernel's reason, as it is found.
  mutating func wait(
    for records: [InstanceRecord], report: (InstanceRecord, String) -> Void
  ) throws -> [InstanceRecord] {
    var waiting = records
    while !waiting.isEmpty, !follower.isOver {
      for event in try follower.next() {
        let gone = event.droppedInstances
        waiting.removeAll {
          (event.kind.isTerminal && $0.instance == event.instance) || gone.contains($0.instance)
        }
        guard let index = waiting.firstIndex(where: { $0.instance == event.instance }),
          event.kind == .undelivered
        else { continue }
        let undelivered = Undelivered(event.json)
        // Others may have asked the same run.
        guard undelivered.request.by == request.by else { continue }
        report(waiting.remove(at: index), undelivered.error)
      }
    }
    return waiting
  }

  /// Tells whether the runner may not be able to signal its job: without root's rights only processes of its own user
  /// (kill(2)). Where it surely can, nobody needs to wait for an answer.
  static func isDoubtful(_ record: InstanceRecord) -> Bool {
    let uid = record.created.uid
    guard uid != 0 else { return false }
    // It may have been started a moment ago; where not, its end comes as soon.
    guard let running = record.running else { return true }
    guard let status = RawIO.contents(of: "/proc/\(running.pid)/status") else { return true }
    for line in status.split(separator: UInt8(ascii: "\n")) {
      let fields = String(decoding: line, as: UTF8.self).split(separator: "\t")
      // proc(5): real, effective, saved and file system's.
      guard fields.first == "Uid:", fields.count > 3 else { continue }
      return ![fields[1], fields[3]].contains("\(uid)")
    }
    return true
  }
}
