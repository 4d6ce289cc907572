internal import Events
internal import Ledger
internal import SQLite

/// An instance record as a row of projections.db.
enum InstanceRow {
  static let columns = """
    created_seq, instance, job, state, created_at, started_at, started_mono, ended_at, run_us, \
    last_seq, last_n, last_at, stdout_bytes, stderr_bytes, lines, dropped, status, created, \
    running, ended, transitions, warnings, requests, wait, paused, orphan, progress, hidden, removed_at, \
    removed_seq
    """

  /// The columns of a row: what a record is made of, the place that it has in the order of creation, and what can be
  /// asked without reading `created`.
  static let allColumns = "\(columns), created_order, execution_group, within, reach"

  /// Inserts an instance that has no row, with its place and links as the last parameters. Not REPLACE, for which SQLite
  /// keeps a journal of each statement: it costs half as much again.
  static let insert = """
    INSERT INTO instance (\(allColumns))
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    """

  /// Updates one that has, with the same parameters but for these.
  static let update = """
    UPDATE instance SET state = ?4, started_at = ?6, started_mono = ?7, ended_at = ?8, \
    run_us = ?9, last_seq = ?10, last_n = ?11, last_at = ?12, stdout_bytes = ?13, \
    stderr_bytes = ?14, lines = ?15, dropped = ?16, status = ?17, running = ?19, ended = ?20, \
    transitions = ?21, warnings = ?22, requests = ?23, wait = ?24, paused = ?25, orphan = ?26, \
    progress = ?27, hidden = ?28, removed_at = ?29, removed_seq = ?30, reach = ?34 \
    WHERE created_seq = ?1
    """

  /// Binds what stands still from the beginning on.
  static func bindCreation(
    _ record: InstanceRecord, createdOrder: Int64, to statement: inout Statement
  ) throws(SQLiteError) {
    let links = CreatedLinks(record.createdData)
    try statement.bind(31, createdOrder)
    try statement.bind(32, links.executionGroup)
    try statement.bind(33, links.within?.text)
  }

  /// The place, of a row with all columns.
  static func createdOrder(_ row: borrowing Statement) -> Int64 { row.integer(30) }

  /// The parameter of a command that was left behind.
  static let orphanIndex: Int32 = 26

  static func bind(
    _ record: InstanceRecord, created: String? = nil, to statement: inout Statement
  ) throws(SQLiteError) {
    try statement.bind(1, record.createdSeq)
    try statement.bind(2, record.instance.text)
    try statement.bind(3, record.job)
    try statement.bind(4, record.state.rawValue)
    try statement.bind(5, record.createdAt)
    try statement.bind(6, record.startedAt)
    try statement.bind(7, record.startedMono)
    try statement.bind(8, record.endedAt)
    try statement.bind(9, record.runMicroseconds)
    try statement.bind(10, record.lastSeq)
    try statement.bind(11, record.lastN)
    try statement.bind(12, record.lastAt)
    try statement.bind(13, record.foldedOutput.stdoutBytes)
    try statement.bind(14, record.foldedOutput.stderrBytes)
    try statement.bind(15, record.foldedOutput.lines)
    try statement.bind(16, record.foldedOutput.droppedBytes)
    try statement.bind(17, record.foldedStatus)
    try statement.bind(18, created ?? record.createdData)
    try statement.bind(19, record.runningData)
    try statement.bind(20, record.endedData)
    try statement.bind(21, TransitionCodec.encode(record.transitions))
    try statement.bind(22, list(record.warnings) { $0.json })
    try statement.bind(
      23,
      list(record.requests) {
        .object(omittingNil: [
          ("kind", .string($0.kind.name)), ("at", .microseconds($0.at)), ("seq", .seq($0.seq)),
          ("data", $0.request.json), ("error", $0.error.map { .string($0) }),
        ])
      })
    try statement.bind(24, record.waitData)
    try statement.bind(25, record.pausedBy)
    try statement.bind(orphanIndex, record.leftBehind.map { $0.running.pid })
    try statement.bind(27, record.foldedProgress?.json.text)
    try statement.bind(28, record.hiddenBy ?? .start)
    try statement.bind(29, record.outputRemovedAt)
    try statement.bind(30, record.outputRemovedBy)
    try statement.bind(34, record.reach)
  }

  /// Reads a record; nil when the row makes no sense.
  /// - Parameter created: the data of the `created` event; nil: it stands in the row.
  static func record(_ row: borrowing Statement, created: String? = nil) -> InstanceRecord? {
    guard let instance = row.withBytes(1, { InstanceID($0) }),
      let state = InstanceState(rawValue: row.text(3))
    else {
      return nil
    }
    var record = InstanceRecord(
      createdSeq: row.seq(0), instance: instance, job: row.text(2), createdAt: row.wallTime(4),
      createdData: created ?? row.text(17))
    record.state = state
    record.startedAt = row.optionalWallTime(5)
    record.startedMono = row.optionalBootTime(6)
    record.endedAt = row.optionalWallTime(7)
    record.runMicroseconds = row.optionalInteger(8)
    record.lastSeq = row.seq(9)
    record.lastN = row.integer(10)
    record.lastAt = row.wallTime(11)
    record.foldedOutput.stdoutBytes = row.integer(12)
    record.foldedOutput.stderrBytes = row.integer(13)
    record.foldedOutput.lines = row.integer(14)
    record.foldedOutput.droppedBytes = row.integer(15)
    record.foldedStatus = row.optionalText(16)
    record.runningData = row.optionalText(18)
    record.endedData = row.optionalText(19)
    record.transitions = row.withBytes(20) { TransitionCodec.decode($0) }
    record.warnings = elements(row.optionalText(21)).map { Warning($0) }
    record.requests = elements(row.optionalText(22)).map {
      InstanceRecord.Request(
        kind: EventKind(name: $0["kind"]?.string ?? ""), at: $0["at"]?.wallTime ?? .epoch,
        seq: $0["seq"]?.seq ?? .start, request: ControlRequest($0["data"] ?? .null),
        error: $0["error"]?.string)
    }
    record.waitData = row.optionalText(23)
    record.pausedBy = row.optionalText(24)
    record.foldedProgress = row.optionalText(26).flatMap { try? JSON(parsing: $0) }
      .flatMap { Progress($0) }
    record.hiddenBy = row.integer(27) == 0 ? nil : row.seq(27)
    record.outputRemovedAt = row.optionalWallTime(28)
    record.outputRemovedBy = row.optionalSeq(29)
    return record
  }

  /// NULL for an empty list, which most rows have.
  private static func list<Element>(_ list: [Element], _ json: (Element) -> JSON) -> String? {
    list.isEmpty ? nil : JSON.array(list.map(json)).text
  }

  private static func elements(_ text: String?) -> [JSON] {
    text.flatMap { try? JSON(parsing: $0) }?.array ?? []
  }
}

/// Transitions as bytes, the one list that every row has: for each the state's place in `InstanceState.allCases`, `at` and
/// `seq` as little-endian words.
enum TransitionCodec {
  private static let size = 17
  private static let places = Dictionary(
    uniqueKeysWithValues: InstanceState.allCases.enumerated().map { ($1, UInt8($0)) })

  static func encode(_ transitions: [InstanceRecord.Transition]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: size * transitions.count) { buffer, count in
      let bytes = UnsafeMutableRawBufferPointer(buffer)
      for (index, transition) in transitions.enumerated() {
        bytes[index * size] = places[transition.state] ?? 0
        bytes.storeBytes(
          of: transition.at.microseconds.littleEndian, toByteOffset: index * size + 1,
          as: Int64.self)
        bytes.storeBytes(
          of: transition.seq.number.littleEndian, toByteOffset: index * size + 9, as: Int64.self)
      }
      count = bytes.count
    }
  }

  static func decode(_ bytes: UnsafeRawBufferPointer) -> [InstanceRecord.Transition] {
    stride(from: 0, to: bytes.count - size + 1, by: size).compactMap { start in
      let place = Int(bytes[start])
      guard place < InstanceState.allCases.count else { return nil }
      return InstanceRecord.Transition(
        state: InstanceState.allCases[place],
        at: WallTime(microseconds: word(bytes, start + 1)), seq: Seq(word(bytes, start + 9)))
    }
  }

  private static func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> Int64 {
    Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Int64.self))
  }
}
