internal import Digests
package import Events
package import Ledger
internal import SQLite

/// Carries out a `RedactionPlan`: the events say something else, and `redacted` events what they had said by its digest. One
/// transaction: whenever this is stopped, it is done or it is not, and the ledger verifies.
package struct RedactionExecution {
  package enum Outcome: Equatable, Sendable {
    /// So many events say something else now.
    case done(events: Int64)
    /// They are not any more what the plan was made of: somebody else was here. Nothing was done.
    case changedMeanwhile
  }

  /// On disk when it returns.
  package static func carryOut(
    _ plan: RedactionPlan, through writer: LedgerWriter, by requester: Requester
  ) throws(LedgerError) -> Outcome {
    try writer.turn(durable: true) { turn throws(LedgerError) in
      let execution = RedactionExecution(plan: plan, writer: writer)
      let found: [Changed]?
      do throws(SQLiteError) { found = try execution.changed() } catch {
        throw LedgerError(error, writer.directory.path)
      }
      guard let found else { return .changedMeanwhile }
      // Several events only where there are many positions: all of them stand behind what they tell of.
      let last = turn.head.seq
      let parts = stride(from: 0, to: found.count, by: Redacted.positionsAtMost).map {
        found[$0..<min($0 + Redacted.positionsAtMost, found.count)]
      }
      do throws(SQLiteError) {
        try execution.write(parts, after: last)
      } catch { throw LedgerError(error, writer.directory.path) }
      for (index, part) in parts.enumerated() {
        let redacted = Redacted(
          job: plan.job, instance: plan.instance, places: index == 0 ? plan.places : 0,
          keepsLength: plan.keepsLength, positions: part.map(\.position), by: requester)
        try turn.append(
          NewEvent(
            at: .now, mono: .now, job: nil, instance: nil, kind: .redacted, data: redacted.json))
      }
      return .done(events: Int64(found.count))
    }
  }

  private let plan: RedactionPlan
  private let writer: LedgerWriter

  private init(plan: RedactionPlan, writer: LedgerWriter) {
    self.plan = plan
    self.writer = writer
  }

  private struct Changed {
    let n: Int64
    let position: Redacted.Position
    let data: String
    let payload: Digest?
  }

  /// Works out what each event is to say, with its digests. Output is cut twice, here and where it is written: all of it at once
  /// would not fit into memory.
  private func changed() throws(SQLiteError) -> [Changed]? {
    var found: [Changed] = []
    for n in plan.positions {
      guard
        let linked = try? writer.reader.linkedEvents(
          of: plan.instance, after: n - 1, upTo: .max, limit: 1),
        let (event, previous) = linked.first, event.n == n, let change = plan.change(at: n)
      else { return nil }
      var (data, payload) = (event.data, event.payload)
      switch change {
      case .data(let new, let was):
        guard Digest(of: Array(event.data.utf8)) == was else { return nil }
        data = new
      case .output(let cuts, let of):
        guard event.payload == of, let chunk = try chunk(at: event.seq),
          Digest(of: chunk.bytes) == of, let cut = cuts.applied(to: chunk)
        else { return nil }
        payload = Digest(of: cut.bytes)
        data = Self.data(event.json, with: cut.runs)
      }
      let present = Chain.digest(
        previous: previous, seq: event.seq, at: event.at, mono: event.mono, job: event.job,
        instance: event.instance?.text, n: event.n, kind: event.kind.name, data: data,
        payload: payload)
      found.append(
        Changed(
          n: n,
          position: .init(seq: event.seq, original: event.digest, present: present), data: data,
          payload: payload))
    }
    return found
  }

  private func write(
    _ parts: [ArraySlice<Changed>], after last: Seq
  ) throws(SQLiteError) {
    let reader = writer.reader
    // What is overwritten leaves nothing in its place. Debian's SQLite does so by itself.
    try reader.connection.execute("PRAGMA secure_delete = ON")
    try RedactedRows.prepare(reader.connection)
    var event = try reader.connection.prepare(
      "UPDATE event SET data = ?, payload = ? WHERE seq = ?")
    var output = try reader.connection.prepare(
      "UPDATE output SET codec = ?, size = ?, runs = ?, data = ? WHERE seq = ?")
    for (index, part) in parts.enumerated() {
      try RedactedRows.add(
        part.map(\.position.seq), by: last + Int64(index + 1), to: reader.connection)
      for changed in part {
        try event.bind(1, changed.data)
        try event.bind(2, changed.payload?.bytes)
        try event.bind(3, changed.position.seq)
        try event.run()
        guard case .output(let cuts, _) = plan.change(at: changed.n),
          let cut = try chunk(at: changed.position.seq).flatMap({ cuts.applied(to: $0) })
        else { continue }
        let new = cut.bytes.withUnsafeBytes { EncodedOutput($0, runs: cut.runs) }
        try output.bind(1, new.codec.rawValue)
        try output.bind(2, Int64(new.size))
        try output.bind(3, new.runs)
        try output.bind(4, new.data)
        try output.bind(5, changed.position.seq)
        try output.run()
      }
    }
    try LedgerCleaning.require(reader.connection)
  }

  private func chunk(at seq: Seq) throws(SQLiteError) -> OutputChunk? {
    var statement = try writer.reader.connection.prepare(
      "SELECT codec, size, runs, data FROM output WHERE seq = ?")
    try statement.bind(1, seq)
    return try statement.step() ? StoredChunk(statement).decoded : nil
  }

  /// Says how much output it is now. The number of its lines is the same: line feeds stay.
  private static func data(_ json: JSON, with runs: [OutputSegment]) -> String {
    func length(_ stream: OutputStream) -> JSON {
      .integer(runs.reduce(0) { $0 + ($1.stream == stream ? Int64($1.length) : 0) })
    }
    let members = (json.members ?? []).map { member in
      switch member.key {
      case "stdout": JSON.Member(member.key, length(.stdout))
      case "stderr": JSON.Member(member.key, length(.stderr))
      default: member
      }
    }
    return JSON.object(members).text
  }
}
