package import Events
package import Ledger
internal import Linux
package import Projections

/// Asks something of all instances that match: of the runners of those that are live, through the ledger; of what lost
/// runs have left behind, whose runners are gone, by signalling it itself. Each gets an outcome, whatever becomes of the
/// others.
package struct RequestExecution {
  package enum Outcome: Sendable {
    /// On disk, at this position, and its runner has been rung.
    case requested(seq: Seq)
    /// Its runner is gone: the command was signalled, and the request is on disk at this position.
    case signalled(seq: Seq)
    /// It was asked before with the same key, and is not asked again.
    case repeated(RequestKeys.Use)
    /// Before it could be asked.
    case hasEnded
    /// It is of no use to ask it.
    case declined(InstanceRequest.Refusal)
    /// The signal has not reached the job, and the kernel's reason.
    case notDelivered(String)
    /// It could not be recorded, or its runner not be rung.
    case failed(LedgerError)
  }

  package typealias Report = (InstanceRecord, Outcome) -> Void

  private let session: LedgerSession
  private let wish: InstanceRequest
  private let request: ControlRequest
  private let maintain: LedgerSession.Maintain?
  private let keys: RequestKeys?
  /// Live ones and what lost runs have left behind, oldest first each.
  package let live: [InstanceRecord]
  package let leftBehind: [InstanceRecord]
  /// The ledger's end before the first was asked.
  private var start = Seq.start
  private var asked: [InstanceRecord] = []
  private var signalled: [InstanceRecord] = []
  /// The first error, of which the others went on.
  package private(set) var firstError: LedgerError?
  package private(set) var isUndelivered = false

  /// - Parameter maintain: keeps the ledger in order while answers are waited for, so that who is killed has ended; nil where
  ///   somebody else does.
  package init(
    _ session: LedgerSession, _ request: InstanceRequest, by requester: Requester,
    to patterns: [Pattern], maintain: LedgerSession.Maintain?
  ) throws(LedgerError) {
    self.session = session
    self.maintain = maintain
    keys = nil
    wish = request
    self.request = ControlRequest(by: requester, signal: request.signal)
    live = try session.projections.records(InstanceQuery(.live, patterns, isAscending: true))
    leftBehind = try LeftBehind(session).records(patterns)
  }

  /// Asks one instance, which has been found already.
  /// - Parameter keys: for who may ask again with the requester's key.
  package init(
    _ session: LedgerSession, _ request: InstanceRequest, by requester: Requester,
    to record: InstanceRecord, keys: RequestKeys?
  ) {
    self.session = session
    self.keys = keys
    maintain = nil
    wish = request
    self.request = ControlRequest(by: requester, signal: request.signal)
    live = record.endedAt == nil ? [record] : []
    leftBehind = record.leftBehind?.isRunning ?? false ? [record] : []
  }

  package var isEmpty: Bool { live.isEmpty && leftBehind.isEmpty }

  /// Asks each. What is reported as requested is on disk.
  package mutating func send(_ report: Report) throws(LedgerError) {
    start = try session.reader.head().seq
    for record in live {
      let outcome = wish.refusal(of: record).map { .declined($0) } ?? ask(record)
      if case .requested = outcome { asked.append(record) }
      note(outcome)
      report(record, outcome)
    }
    for record in leftBehind {
      let outcome = signal(record)
      if case .signalled = outcome { signalled.append(record) }
      note(outcome)
      report(record, outcome)
    }
  }

  private mutating func note(_ outcome: Outcome) {
    switch outcome {
    case .failed(let error): firstError = firstError ?? error
    case .notDelivered: isUndelivered = true
    case .requested, .signalled, .repeated, .hasEnded, .declined: break
    }
  }

  /// The request as this instance gets it: whoever started it may want another signal for its end than TERM.
  private func request(for record: InstanceRecord) -> ControlRequest {
    switch wish {
    case .stop("TERM"), .interrupt("TERM"): break
    case .stop, .interrupt, .pause, .resume, .signal: return request
    }
    var own = request
    own.signal = record.created.options.stopSignal ?? own.signal
    return own
  }

  private func ask(_ record: InstanceRecord) -> Outcome {
    do throws(LedgerError) {
      switch try RequestSender(session).send(wish.kind, request(for: record), to: record, keys)
      {
      case .sent(let seq): return .requested(seq: seq)
      case .hasEnded: return .hasEnded
      case .repeated(let use): return .repeated(use)
      }
    } catch { return .failed(error) }
  }

  private func signal(_ record: InstanceRecord) -> Outcome {
    do throws(LedgerError) {
      return Self.outcome(
        try LeftBehind(session).send(wish.kind, request(for: record), to: record, keys))
    } catch { return .failed(error) }
  }

  private static func outcome(_ outcome: LeftBehind.Outcome) -> Outcome {
    switch outcome {
    case .sent(let seq): .signalled(seq: seq)
    case .repeated(let use): .repeated(use)
    case .hasEnded: .hasEnded
    case .refused(let errno): .notDelivered(errno.message)
    }
  }

  /// Signals what a lost run has left behind once more, as a request asks for that is on record: whoever recorded it may have
  /// been killed before he signalled.
  package static func deliverAgain(
    _ request: OrphanRequest, to record: InstanceRecord, seq: Seq
  ) -> Outcome {
    outcome(LeftBehind.deliver(request.kind, request.request, to: record, seq: seq))
  }

  /// Waits for the answers of those runners that may not be able to signal their job: a second at most.
  package mutating func awaitDelivery(
    report: Report, notify: @escaping (EventFollower.Notice) -> Void
  ) throws {
    let doubtful = asked.filter(DeliveryWatch.isDoubtful)
    guard !doubtful.isEmpty else { return }
    var watch = DeliveryWatch(
      session, of: request, after: start, maintain: maintain, timeout: DeliveryWatch.patience,
      notify: notify)
    _ = try wait(for: doubtful, &watch, report)
  }

  /// Waits until all that were asked or signalled have ended, or cannot be signalled.
  /// - Parameter timeout: microseconds.
  /// - Returns: those that still run then.
  package mutating func awaitEnd(
    timeout: Int64, report: Report, notify: @escaping (EventFollower.Notice) -> Void
  ) throws -> [InstanceRecord] {
    let deadline = BootTime.now + timeout
    var watch = DeliveryWatch(
      session, of: request, after: start, maintain: maintain, timeout: timeout, notify: notify)
    return try wait(for: asked, &watch, report) + LeftBehind.wait(for: signalled, until: deadline)
  }

  private mutating func wait(
    for records: [InstanceRecord], _ watch: inout DeliveryWatch, _ report: Report
  ) throws -> [InstanceRecord] {
    var failed = false
    defer { isUndelivered = isUndelivered || failed }
    return try watch.wait(for: records) { record, error in
      failed = true
      report(record, .notDelivered(error))
    }
  }
}
