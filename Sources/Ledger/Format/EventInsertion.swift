internal import Digests
internal import Events
internal import SQLite

/// The rows of one event. Inside a transaction.
struct EventInsertion: ~Copyable {
  private var event: Statement
  private var output: Statement

  init(_ connection: borrowing Connection) throws(SQLiteError) {
    let event = try connection.prepare(
      """
      INSERT INTO event (seq, at, mono, job, instance, n, kind, data, payload, digest)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """)
    let output = try connection.prepare(
      "INSERT INTO output (seq, codec, size, runs, data) VALUES (?, ?, ?, ?, ?)")
    self.event = event
    self.output = output
  }

  /// Returns the event's digest.
  mutating func run(
    _ new: NewEvent, seq: Seq, n: Int64?, after previous: Digest
  ) throws(SQLiteError) -> Digest {
    let digest = Chain.digest(
      previous: previous, seq: seq, at: new.at, mono: new.mono, job: new.job,
      instance: new.instance?.text, n: n, kind: new.kind.name, data: new.data,
      payload: new.output?.payload)
    try event.bind(1, seq)
    try event.bind(2, new.at)
    try event.bind(3, new.mono)
    try event.bind(4, new.job)
    try event.bind(5, new.instance?.text)
    try event.bind(6, n)
    try event.bind(7, new.kind.name)
    try event.bind(8, new.data)
    try event.bind(9, new.output?.payload.bytes)
    try event.bind(10, digest.bytes)
    try event.run()
    if let output = new.output { try insert(output, seq) }
    return digest
  }

  private mutating func insert(_ chunk: EncodedOutput, _ seq: Seq) throws(SQLiteError) {
    try output.bind(1, seq)
    try output.bind(2, chunk.codec.rawValue)
    try output.bind(3, Int64(chunk.size))
    try output.bind(4, chunk.runs)
    let failure: SQLiteError? = unsafe chunk.data.withUnsafeBytes { bytes in
      do throws(SQLiteError) {
        try unsafe output.bindUncopied(5, bytes)
        try output.run()
        return nil
      } catch { return error }
    }
    if let failure { throw failure }
  }
}
