internal import Events
internal import SQLite

/// The statements that a writer runs again and again.
struct WriterStatements: ~Copyable {
  var insertion: EventInsertion
  var lastOfInstance: Statement
  var eventAtPosition: Statement

  init(_ connection: borrowing Connection) throws(SQLiteError) {
    let insertion = try EventInsertion(connection)
    let lastOfInstance = try connection.prepare(
      "SELECT n, kind, at, mono FROM event WHERE instance = ? ORDER BY n DESC LIMIT 1")
    let eventAtPosition = try connection.prepare(
      """
      SELECT seq, at, mono, job, kind, data, payload FROM event WHERE instance = ? AND n = ?
      """)
    self.insertion = insertion
    self.lastOfInstance = lastOfInstance
    self.eventAtPosition = eventAtPosition
  }

  /// The instance's last event; nil when it has none.
  mutating func last(
    of instance: InstanceID
  ) throws(SQLiteError) -> (n: Int64, kind: EventKind, time: EventTime)? {
    try lastOfInstance.bind(1, instance.text)
    defer { lastOfInstance.reset() }
    guard try lastOfInstance.step() else { return nil }
    return (
      lastOfInstance.integer(0), EventKind(name: lastOfInstance.text(1)),
      EventTime(at: lastOfInstance.wallTime(2), mono: lastOfInstance.bootTime(3))
    )
  }

  /// The position of the instance's event at `n` if it is this very event.
  mutating func seq(
    ofSame event: NewEvent, _ instance: InstanceID, _ n: Int64
  ) throws(SQLiteError) -> Seq? {
    try eventAtPosition.bind(1, instance.text)
    try eventAtPosition.bind(2, n)
    defer { eventAtPosition.reset() }
    guard try eventAtPosition.step() else { return nil }
    let payload = eventAtPosition.digest(6)
    let isSame =
      event.isDated(at: eventAtPosition.wallTime(1), mono: eventAtPosition.bootTime(2))
      && eventAtPosition.optionalText(3) == event.job
      && eventAtPosition.text(4) == event.kind.name && eventAtPosition.text(5) == event.data
      && payload == event.output?.payload
    return isSame ? eventAtPosition.seq(0) : nil
  }
}
