internal import Events
internal import Ledger
internal import SQLite

/// A batch of events folded over the stored records: each record is read once and written once.
struct InstanceFold: ~Copyable {
  /// In the order of first use, which for new instances is the order of their rows: each page is written once.
  private var entries: [Entry] = []
  private var indices: [InstanceID: Int] = [:]
  private var load: Statement
  private var insert: Statement
  private var update: Statement
  private var delete: Statement
  private var deleteKept: Statement
  private var keep: Statement
  private var order: CreationOrder
  private var failure: SQLiteError?
  /// States of long instances in between: few, of a batch.
  private var kept: [InstanceRecord] = []
  /// The last place in the order of creation of those that were created.
  private(set) var lastOrder: Int64?
  /// The bytes that are kept, about.
  private(set) var bytes = 0

  private struct Entry {
    var record: InstanceRecord
    /// The time at which it was created; nil for one that has a row.
    let createdMono: BootTime?
    var hasRow: Bool { createdMono == nil }
    /// Retention has dropped its events.
    var isGone = false
  }

  init(_ connection: borrowing Connection) throws(SQLiteError) {
    let load = try connection.prepare(
      "SELECT \(InstanceRow.columns) FROM instance WHERE instance = ?")
    let insert = try connection.prepare(InstanceRow.insert)
    let update = try connection.prepare(InstanceRow.update)
    let delete = try connection.prepare("DELETE FROM instance WHERE instance = ?")
    let deleteKept = try connection.prepare(
      "DELETE FROM kept WHERE created_seq = (SELECT created_seq FROM instance WHERE instance = ?)")
    let keep = try connection.prepare(InstancePast.keep)
    let order = try CreationOrder(connection)
    self.load = load
    self.insert = insert
    self.update = update
    self.delete = delete
    self.deleteKept = deleteKept
    self.keep = keep
    self.order = order
  }

  mutating func apply(_ event: Event) {
    bytes += event.data.utf8.count
    guard let instance = event.instance else { return }
    if let record = InstanceRecord(event) {
      add(record, createdMono: event.mono)
    } else {
      do throws(SQLiteError) {
        guard let index = try index(of: instance) else { return }
        entries[index].record.apply(event)
        if entries[index].record.isToBeKept {
          kept.append(entries[index].record)
          bytes += entries[index].record.storedBytes
        }
      } catch { failure = failure ?? error }
    }
  }

  /// Hides what has ended so far, up to the position that is meant: here and among the stored. Of what stands in both,
  /// this here is newer and is saved over the other.
  mutating func hide(
    _ removed: HistoryRemoved, by seq: Seq, _ connection: borrowing Connection
  ) {
    var query = InstanceQuery(.ended)
    query.patterns = removed.patterns.map { Pattern($0) }
    query.asOf = removed.upTo
    // No pattern at all would match everything; nobody has said so.
    guard !query.patterns.isEmpty else { return }
    for index in entries.indices {
      let record = entries[index].record
      guard record.endedAt != nil, record.lastSeq <= removed.upTo, query.patterns.matches(record)
      else { continue }
      entries[index].record.hiddenBy = record.hiddenBy ?? seq
    }
    do throws(SQLiteError) {
      let filter = try InstanceFilter(query, connection)
      try filter.define(on: connection)
      var update = try connection.prepare(
        "UPDATE instance SET hidden = \(seq) WHERE \(filter.sql)")
      try filter.bind(to: &update)
      try update.run()
    } catch { failure = failure ?? error }
  }

  /// Takes in what retention has dropped: an instance without events is none, one without output says so.
  mutating func drop(_ retained: Retained, by event: Event) {
    for instance in retained.instances {
      do throws(SQLiteError) {
        switch retained.what {
        case .events: try forget(instance)
        case .output:
          guard let index = try index(of: instance), entries[index].record.outputRemovedBy == nil
          else { continue }
          entries[index].record.outputRemovedAt = event.at
          entries[index].record.outputRemovedBy = event.seq
        }
      } catch { failure = failure ?? error }
    }
  }

  /// Folds an instance anew whose events say something else now than when they were folded.
  mutating func redo(
    _ instance: InstanceID, _ reader: LedgerReader, _ connection: borrowing Connection
  ) throws {
    guard let index = try index(of: instance) else { return }
    // What was kept in between says what they said.
    kept.removeAll { $0.instance == instance }
    try deleteKept.bind(1, instance.text)
    try deleteKept.run()
    var folded: InstanceRecord?
    try reader.forEachEvent(of: instance, withOutput: true) { event in
      if folded == nil { folded = InstanceRecord(event) } else { folded?.apply(event) }
      if let folded, folded.isToBeKept { kept.append(folded) }
    }
    guard var record = folded else { return }
    record.hiddenBy = entries[index].record.hiddenBy
    record.takeRemoval(of: entries[index].record)
    entries[index].record = record
    guard entries[index].hasRow else { return }
    // What otherwise stands still from the beginning on.
    let links = CreatedLinks(record.createdData)
    var update = try connection.prepare(
      "UPDATE instance SET created = ?, execution_group = ?, within = ? WHERE instance = ?")
    try update.bind(1, record.createdData)
    try update.bind(2, links.executionGroup)
    try update.bind(3, links.within?.text)
    try update.bind(4, instance.text)
    try update.run()
  }

  private mutating func forget(_ instance: InstanceID) throws(SQLiteError) {
    if let index = indices.removeValue(forKey: instance) {
      entries[index].isGone = true
      guard entries[index].hasRow else { return }
    }
    try deleteKept.bind(1, instance.text)
    try deleteKept.run()
    try delete.bind(1, instance.text)
    try delete.run()
  }

  /// Gives its place among the entries; nil when nothing is known of it.
  private mutating func index(of instance: InstanceID) throws(SQLiteError) -> Int? {
    if let index = indices[instance] { return index }
    guard let record = try stored(instance) else { return nil }
    bytes += record.storedBytes
    add(record, createdMono: nil)
    return indices[instance]
  }

  private mutating func add(_ record: InstanceRecord, createdMono: BootTime?) {
    indices[record.instance] = entries.count
    entries.append(Entry(record: record, createdMono: createdMono))
  }

  private mutating func stored(_ instance: InstanceID) throws(SQLiteError) -> InstanceRecord? {
    try load.bind(1, instance.text)
    let record = try load.step() ? InstanceRow.record(load) : nil
    load.reset()
    return record
  }

  mutating func save() throws(SQLiteError) {
    if let failure { throw failure }
    for entry in entries where !entry.isGone {
      if let mono = entry.createdMono {
        try InstanceRow.bind(entry.record, to: &insert)
        let order = try order.place(entry.record.createdData, mono: mono)
        lastOrder = max(lastOrder ?? order, order)
        try InstanceRow.bindCreation(entry.record, createdOrder: order, to: &insert)
        try insert.run()
      } else {
        try InstanceRow.bind(entry.record, to: &update)
        try update.run()
      }
    }
    for record in kept where indices[record.instance] != nil {
      try InstanceRow.bind(record, created: "", to: &keep)
      try keep.run()
    }
  }
}
