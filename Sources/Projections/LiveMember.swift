package import Events
internal import Glibc
internal import Ledger
package import Linux
internal import SQLite

extension LiveInstances {
  /// An instance as decisions and queues ask of it: small, for there may be thousands, and nothing of it is parsed twice.
  package struct Member: Equatable, Sendable {
    package let createdSeq: Seq
    package let instance: InstanceID
    package let job: String
    package internal(set) var state: InstanceState
    package internal(set) var startedMono: BootTime?
    /// The last of its events that is known here.
    var lastSeq: Seq
    /// The group it was started with.
    package let executionGroup: String?
    /// The instance by whose job it was started.
    package let within: InstanceID?
    /// It runs nothing: nobody may take its success for one.
    package let isRehearsal: Bool
    /// The latch that it waits for just now.
    package private(set) var latch: String?
    /// The command of a lost instance, if it was still running when that was found out, or may have been.
    package internal(set) var leftBehind: LeftBehindCommand?

    package init(_ record: InstanceRecord) {
      let links = CreatedLinks(record.createdData)
      createdSeq = record.createdSeq
      instance = record.instance
      job = record.job
      state = record.state
      startedMono = record.startedMono
      lastSeq = record.lastSeq
      executionGroup = links.executionGroup
      within = links.within
      isRehearsal = record.isRehearsal
      latch = record.state == .pending ? record.waitCause?.latch : nil
      leftBehind = record.leftBehind
    }

    /// Begins with a `created` event; nil for any other.
    init?(_ event: Event) {
      guard let record = InstanceRecord(event) else { return nil }
      self.init(record)
    }

    /// The instance of a row with the columns; nil when that makes no sense.
    init?(_ row: borrowing Statement) {
      guard let instance = row.withBytes(1, { InstanceID($0) }),
        let state = InstanceState(rawValue: row.text(3))
      else { return nil }
      createdSeq = row.seq(0)
      self.instance = instance
      job = row.text(2)
      self.state = state
      startedMono = row.optionalBootTime(4)
      lastSeq = row.seq(5)
      executionGroup = row.optionalText(6)
      within = row.isNull(7) ? nil : row.withBytes(7) { InstanceID($0) }
      isRehearsal = row.integer(9) != 0
      if state == .pending, let wait = row.optionalText(8), let json = try? JSON(parsing: wait) {
        latch = WaitCause(json).latch
      }
    }

    static let columns = """
      created_seq, instance, job, state, started_mono, last_seq, execution_group, within, wait, \
      \(Rehearsal.condition)
      """

    /// Takes in the instance's next event.
    mutating func enter(_ next: InstanceState, _ event: Event) {
      state = next
      lastSeq = event.seq
      latch = next == .pending ? WaitCause(event.json).latch : nil
      if next.group == .executing, startedMono == nil { startedMono = event.mono }
    }

    /// `job@instance`, as people write it.
    package var name: String { "\(job)@\(instance)" }

    /// Microseconds of execution up to now; nil before it, and where it is over.
    package func run(bootNow: BootTime) -> Int64? {
      state.isTerminal ? nil : startedMono.map { max(0, bootNow - $0) }
    }

    /// A job's instances belong to the group of its name, whatever group they were started with.
    package func isOf(group name: String) -> Bool { executionGroup == name || job == name }
  }
}

extension ProjectionStore {
  func liveMembers() throws(LedgerError) -> [LiveInstances.Member] {
    try ask {
      var statement = try connection.prepare(
        "SELECT \(LiveInstances.Member.columns) FROM instance WHERE ended_at IS NULL")
      var members: [LiveInstances.Member] = []
      while try statement.step() {
        if let member = LiveInstances.Member(statement) { members.append(member) }
      }
      return members
    }
  }
}

/// The other instances and the group that a `created` event tells of. Most say nothing: that is seen without reading all that
/// they say, which may hold a whole environment.
struct CreatedLinks {
  private(set) var executionGroup: String?
  private(set) var within: InstanceID?

  init(_ data: String) {
    guard Self.keys.contains(where: { key in data.withCString { strstr($0, key) != nil } }),
      let json = try? JSON(parsing: data)
    else { return }
    let created = Created(json)
    executionGroup = created.executionGroup
    within = created.within
  }

  private static let keys = ["group\":", "\"within\":"]
}

extension Ending {
  /// True when the command of a lost instance was still running when that was found out, or may have been where it was
  /// not seen.
  var mayHaveLeftCommand: Bool { evidence.map { $0.childRunning || $0.childUnseen } ?? false }
}

/// The command that a lost instance has left behind, and where it is to be looked for.
package final class LeftBehindCommand: Equatable, Sendable {
  package let running: Running
  private let created: Created

  init(_ running: Running, _ created: Created) { (self.running, self.created) = (running, created) }

  /// The command of an instance with that end; nil where it is not lost or has left nothing behind.
  convenience init?(
    _ state: InstanceState, _ ending: Ending?, _ running: Running?, _ created: () -> Created
  ) {
    guard state == .lost, let ending, ending.mayHaveLeftCommand, let running else { return nil }
    self.init(running, created())
  }

  /// Reads the instance's first events, up to its start; nil where it was not started.
  convenience init?(of instance: InstanceID, _ reader: LedgerReader) throws(LedgerError) {
    var (created, n): (Created?, Int64) = (nil, 0)
    while true {
      let events = try reader.events(of: instance, after: n, limit: 16)
      for event in events {
        switch event.kind {
        case .state(.created): created = Created(event.json)
        case .state(.running):
          self.init(Running(event.json), created ?? Created())
          return
        default: break
        }
      }
      guard let last = events.last?.n else { return nil }
      n = last
    }
  }

  /// Says what is seen of it now.
  package var sight: PidNamespace.Sight { created.sight(of: running) }

  /// True while it still runs, as far as it is seen.
  package var isRunning: Bool { sight.pid != nil }

  /// True while it is stopped: nobody is there to record by whom, or by which signal.
  package var isStopped: Bool { sight.pid.map(Host.isStopped) ?? false }

  package static func == (left: LeftBehindCommand, right: LeftBehindCommand) -> Bool {
    left.running == right.running && left.created == right.created
  }
}
