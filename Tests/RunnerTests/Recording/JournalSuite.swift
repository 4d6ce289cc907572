import Events
import Glibc
import Ledger
import Linux
import Maintenance
import TestSupport
import Testing

@testable import Runner

typealias TestJournal = InstanceJournal<FailingWriter, RefusingSpool>

/// What tests of a journal have in common: one instance's, in the ledger of a temporary directory.
protocol JournalSuite: Sendable {
  var directory: LedgerDirectory { get }
  var instance: InstanceID { get }
}

extension JournalSuite {
  var timedOut: FailingWriter.Failure {
    .before(.queueTimedOut(path: "the ledger", milliseconds: 0))
  }

  /// The journal of an instance whose job runs.
  func journal(
    _ listener: JournalListener? = nil, _ turns: TurnGate = TurnGate(),
    isStopped: Monitor<Bool> = Monitor(false),
    refuses: Monitor<RefusingSpool.Refusal> = Monitor(.nothing)
  ) throws -> sending TestJournal {
    var journal = try newJournal(listener, turns, isStopped: isStopped, refuses: refuses)
    let end = journal.create(Created(), .now, isRequired: false) { _ in nil }
    #expect(end == nil)
    journal.append([event(journal, .state(.running))], durable: true)
    return journal
  }

  func newJournal(
    _ listener: JournalListener? = nil, _ turns: TurnGate = TurnGate(), isOpen: Bool = true,
    isStopped: Monitor<Bool> = Monitor(false),
    refuses: Monitor<RefusingSpool.Refusal> = Monitor(.nothing)
  ) throws -> sending TestJournal {
    // A spool beside the ledger has its place: the others are the machine's own.
    if !isOpen { mkdir(directory.path, 0o700) }
    return TestJournal(
      isOpen ? try FailingWriter(directory, isStopped) : nil, directory,
      InstanceStream(job: "job", instance: instance),
      RefusingSpool(Spool(directory, instance), refuses), turns,
      listener.map { PluginFeed($0) }, StderrReporter(.ofTest))
  }

  func event(
    _ journal: borrowing TestJournal, _ kind: EventKind, _ data: JSON = .object([])
  ) -> NewEvent {
    journal.event(kind, data, .now)
  }

  func output(_ journal: borrowing TestJournal, _ count: Int) -> NewEvent {
    let encoded = [UInt8](repeating: 0x61, count: count).withUnsafeBytes {
      EncodedOutput($0, runs: [OutputSegment(stream: .stdout, offset: 0, length: count)])
    }
    var totals = OutputTotals()
    totals.stdoutBytes = Int64(count)
    return journal.event(.output, totals.json, .now, output: encoded)
  }

  func end(_ state: InstanceState = .completed) -> JournalEnd {
    var ending = Ending()
    ending.output = OutputTotals()
    return JournalEnd(state: state, ending: ending, time: .now)
  }

  /// What stands in the ledger.
  func recorded() throws -> [Event] {
    try LedgerReader(directory).events(of: instance, withOutput: true)
  }

  func kinds() throws -> [String] { try recorded().map(\.kind.name) }

  /// As the next taro does. A process that another test is just starting has the spool's lock too, until it executes.
  func takeInSpool() throws {
    let writer = try LedgerWriter(directory)
    try eventually("the spool is taken in") { try SpoolIntake.run(writer).busy == 0 }
  }

  func droppedBytes(_ event: Event) -> Int64? { Ending(event.json).output?.droppedBytes }
}

/// Remembers what it was told.
final class JournalListener: PluginListener {
  let told = Monitor<[String]>([])
  func notify(_ event: Event) { told.change { $0.append(event.kind.name) } }
  func notify(unrecorded event: NewEvent) {
    told.change { $0.append("unrecorded \(event.kind.name)") }
  }
}

/// A spool that takes what it is to take.
final class RefusingSpool: EventSpool {
  enum Refusal { case nothing, output, everything }

  private let spool: Spool
  private let refuses: Monitor<Refusal>

  init(_ spool: Spool, _ refuses: Monitor<Refusal>) {
    self.spool = spool
    self.refuses = refuses
  }

  var isEmpty: Bool { spool.isEmpty }
  var path: String? { spool.path }
  var takenPlaces: [Distrust] { spool.takenPlaces }

  func append(_ event: NewEvent, of stream: InstanceStream) throws(SystemCallError) {
    switch refuses.change({ $0 }) {
    case .everything: throw SystemCallError("write", path, .noSpace)
    case .output where event.output != nil: throw SystemCallError("write", path, .noSpace)
    case .output, .nothing: try spool.append(event, of: stream)
    }
  }

  func sync() throws(SystemCallError) { try spool.sync() }
  func nextBatch() throws(SystemCallError) -> [NewEvent] { try spool.nextBatch() }
  func clear() { spool.clear() }
}
