internal import Events
internal import Glibc
internal import Ledger
internal import Linux
internal import Maintenance
package import Projections

extension InstanceRecord {
  /// The reason why the kernel does not let this process signal what the run has left behind; nil where it does, or
  /// nothing is left.
  package var refusalToSignal: String? {
    guard let command = leftBehind, command.isRunning, let pid = command.sight.pid, pid > 0,
      kill(pid, 0) != 0, errno == EPERM
    else { return nil }
    return Errno.current.message
  }
}

/// The command that a lost instance has left behind and that still runs. Nobody is there to act on a request, so who
/// asks does it himself: the request is on disk first, as an event of the host, for nothing may follow a run's terminal
/// event.
struct LeftBehind {
  private let session: LedgerSession

  init(_ session: LedgerSession) { self.session = session }

  /// Lost runs whose command still runs, oldest first.
  func records(_ patterns: [Pattern]) throws(LedgerError) -> [InstanceRecord] {
    try session.projections.records(InstanceQuery(.leftBehind, patterns, isAscending: true))
      .filter { $0.leftBehind?.isRunning ?? false }
  }

  enum Outcome {
    /// The request is on disk at this position.
    case sent(seq: Seq)
    case hasEnded
    /// The kernel's answer.
    case refused(Errno)
    case repeated(RequestKeys.Use)
  }

  /// Signals the process group of the command, as its runner would; with SIGKILL for an end, every process of the run.
  func send(
    _ kind: EventKind, _ request: ControlRequest, to record: InstanceRecord, _ keys: RequestKeys?
  ) throws(LedgerError) -> Outcome {
    guard record.leftBehind != nil else { return .hasEnded }
    let data = OrphanRequest(kind, request, job: record.job, instance: record.instance)
    let event = NewEvent(
      at: .now, mono: .now, job: nil, instance: nil,
      kind: .orphanRequested, data: data.json)
    let writer = try session.openWriter()
    let seq: Seq
    let recorded = try writer.once(request.by, keys) { turn throws(LedgerError) in
      try turn.append(event)
    }
    switch recorded {
    case .made(let made): seq = made
    case .repeated(let use): return .repeated(use)
    }
    return Self.deliver(kind, request, to: record, seq: seq)
  }

  /// Signals it, as the request at that position asks for.
  static func deliver(
    _ kind: EventKind, _ request: ControlRequest, to record: InstanceRecord, seq: Seq
  ) -> Outcome {
    guard let command = record.leftBehind, let signal = Signals.parse(request.signal) else {
      return .hasEnded
    }
    let running = command.running
    // Its pid here may be another than its runner's.
    let pid = command.sight.pid ?? 0
    let leader = Processes.Identity(pid: pid, startTime: running.started)
    let asksForEnd = kind == .stopRequested || kind == .interruptRequested
    if asksForEnd, signal == SIGKILL { return killAll(of: record.instance, leader, seq) }
    // Looked at in the moment before: while its leader lives, the group's number is nobody else's.
    guard Host.startTime(of: leader.pid) == leader.startTime else { return .hasEnded }
    let group = running.pgid == running.pid ? pid : Int32(truncatingIfNeeded: running.pgid)
    for signal in asksForEnd ? [signal, SIGCONT] : [signal] {
      if kill(-group, signal) != 0, errno != ESRCH { return .refused(.current) }
      guard getpgid(leader.pid) != group else { continue }
      if let refusal = Processes.signal(leader, signal) { return .refused(refusal) }
    }
    return .sent(seq: seq)
  }

  private static func killAll(
    of instance: InstanceID, _ leader: Processes.Identity, _ seq: Seq
  ) -> Outcome {
    switch LostInstances.killAll(of: instance, leader) {
    case .none: .hasEnded
    case .some(let refusal): refusal.map { .refused($0) } ?? .sent(seq: seq)
    }
  }

  /// Waits until their commands have ended; returns those that have not by then.
  static func wait(for records: [InstanceRecord], until deadline: BootTime) -> [InstanceRecord] {
    var left = records.map { ($0, command: $0.leftBehind) }
    while true {
      left.removeAll { !($0.command?.isRunning ?? false) }
      guard !left.isEmpty, BootTime.now < deadline else { return left.map(\.0) }
      // They are nobody's children here, and there may be many.
      _ = Poll.wait(-1, for: .readable, milliseconds: 20)
    }
  }
}
