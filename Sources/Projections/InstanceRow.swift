internal import Ledger
internal import SQLite

/// An instance record as a row of projections.db.
enum InstanceRow {
  static let columns = """
    created_seq, instance, job, state, created_at, started_at, started_mono, ended_at, run_us, \
    last_seq, last_n, last_at, stdout_bytes, stderr_bytes, lines, dropped, status, created, \
    running, ended, transitions, warnings, requests
    """

  static let save = """
    INSERT OR REPLACE INTO instance (\(columns))
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    """

  static func bind(
    _ record: InstanceRecord, to statement: inout Statement
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
    try statement.bind(13, record.output.stdoutBytes)
    try statement.bind(14, record.output.stderrBytes)
    try statement.bind(15, record.output.lines)
    try statement.bind(16, record.output.droppedBytes)
    try statement.bind(17, record.status)
    try statement.bind(18, record.createdData)
    try statement.bind(19, record.runningData)
    try statement.bind(20, record.endedData)
    try statement.bind(21, transitions(record.transitions))
    try statement.bind(22, list(record.warnings) { $0.json })
    try statement.bind(
      23,
      list(record.requests) {
        .object(omittingNil: [
          ("kind", .string($0.kind.name)), ("at", .integer($0.at)), ("seq", .integer($0.seq)),
          ("data", $0.request.json),
        ])
      })
  }

  /// Nil when the row makes no sense.
  static func record(_ row: borrowing Statement) -> InstanceRecord? {
    guard let instance = InstanceID(row.text(1)), let state = RunState(rawValue: row.text(3)) else {
      return nil
    }
    var record = InstanceRecord(
      createdSeq: row.integer(0), instance: instance, job: row.text(2), createdAt: row.integer(4),
      createdData: row.text(17))
    record.state = state
    record.startedAt = row.optionalInteger(5)
    record.startedMono = row.optionalInteger(6)
    record.endedAt = row.optionalInteger(7)
    record.runMicroseconds = row.optionalInteger(8)
    record.lastSeq = row.integer(9)
    record.lastN = row.integer(10)
    record.lastAt = row.integer(11)
    record.output.stdoutBytes = row.integer(12)
    record.output.stderrBytes = row.integer(13)
    record.output.lines = row.integer(14)
    record.output.droppedBytes = row.integer(15)
    record.status = row.optionalText(16)
    record.runningData = row.optionalText(18)
    record.endedData = row.optionalText(19)
    record.transitions = transitions(row.text(20))
    record.warnings = elements(row.optionalText(21)).map { Warning($0) }
    record.requests = elements(row.optionalText(22)).map {
      InstanceRecord.Request(
        kind: EventKind(name: $0["kind"]?.string ?? ""), at: $0["at"]?.integer ?? 0,
        seq: $0["seq"]?.integer ?? 0, request: ControlRequest($0["data"] ?? .null))
    }
    return record
  }

  // Written by hand: it is the one list that every row has.
  private static func transitions(_ transitions: [InstanceRecord.Transition]) -> String {
    var text = "["
    for transition in transitions {
      if text.utf8.count > 1 { text += "," }
      text += "[\"\(transition.state.rawValue)\",\(transition.at),\(transition.seq)]"
    }
    return text + "]"
  }

  private static func transitions(_ text: String) -> [InstanceRecord.Transition] {
    elements(text).compactMap { element in
      guard let fields = element.array, fields.count == 3,
        let state = fields[0].string.flatMap(RunState.init(rawValue:)),
        let at = fields[1].integer, let seq = fields[2].integer
      else { return nil }
      return InstanceRecord.Transition(state: state, at: at, seq: seq)
    }
  }

  /// NULL for an empty list, which most rows have.
  private static func list<Element>(_ list: [Element], _ json: (Element) -> JSON) -> String? {
    list.isEmpty ? nil : JSON.array(list.map(json)).text
  }

  private static func elements(_ text: String?) -> [JSON] {
    text.flatMap { try? JSON(parsing: $0) }?.array ?? []
  }
}
