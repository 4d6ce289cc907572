internal import Events
import Glibc
import Ledger
import Linux
import TestSupport

@testable import Projections

/// What the projections of a ledger have to be, found in three ways.
enum Fold {
  /// Everything that a store answers, in the order of creation.
  static func state(of store: ProjectionStore) throws -> [InstanceRecord] {
    try store.ask { try store.rows("ORDER BY created_seq") }
  }

  /// The fold over all events, made without a database.
  static func pure(_ reader: LedgerReader) throws -> [InstanceRecord] {
    var oracle = Oracle()
    _ = try reader.forEachEvent(after: 0, limit: .max) { oracle.apply($0) }
    return oracle.records
  }

  /// The fold over all events in a projection file of its own, which is made and removed: that of the ledger's
  /// directory is not looked at.
  static func rebuilt(_ directory: LedgerDirectory) throws -> [InstanceRecord] {
    let other = try aside(directory)
    defer { Files.removeTree(other) }
    return try state(of: ProjectionStore(LedgerReader(LedgerDirectory(other))))
  }

  /// Another directory with the same ledger, for a projection file of its own. The caller removes it.
  static func aside(_ directory: LedgerDirectory) throws -> String {
    let other = try Files.makeTemporaryDirectory()
    guard symlink(directory.database, "\(other)/ledger.db") == 0 else {
      throw SystemCallError("symlink", other)
    }
    return other
  }
}

/// The same fold in a dictionary.
struct Oracle {
  private var folded: [InstanceID: InstanceRecord] = [:]

  var records: [InstanceRecord] { folded.values.sorted { $0.createdSeq < $1.createdSeq } }

  mutating func apply(_ event: Event) {
    guard let instance = event.instance else {
      if event.kind == .historyRemoved { hide(HistoryRemoved(event.json), by: event.seq) }
      if event.kind == .retained { drop(Retained(event.json), by: event) }
      return
    }
    if let record = InstanceRecord(event) {
      folded[instance] = record
    } else {
      folded[instance]?.apply(event)
    }
  }

  private mutating func drop(_ retained: Retained, by event: Event) {
    for instance in retained.instances {
      switch retained.what {
      case .events: folded[instance] = nil
      case .output:
        guard folded[instance]?.outputRemovedBy == nil else { continue }
        folded[instance]?.outputRemovedAt = event.at
        folded[instance]?.outputRemovedBy = event.seq
      }
    }
  }

  private mutating func hide(_ removed: HistoryRemoved, by seq: Seq) {
    let patterns = removed.patterns.map { Pattern($0) }
    for (instance, record) in folded
    where record.endedAt != nil && !record.isHidden && record.lastSeq <= removed.upTo
      && patterns.contains(where: { $0.matches(record) })
    {
      folded[instance]?.hiddenBy = seq
    }
  }
}
