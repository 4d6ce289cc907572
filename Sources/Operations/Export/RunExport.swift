internal import Documents
internal import Events
internal import Ledger
internal import Linux
package import Projections

/// Writes runs down as other programs want to have them. All of it is given away as it is read: memory does not grow with runs or
/// output.
package struct RunExport {
  private let session: LedgerSession
  private let query: InstanceQuery
  /// Every event is wanted, those that belong to no instance too.
  private let isOfAll: Bool
  private let version: String
  private let bootNow = BootTime.now
  /// The last position of the moment.
  private let end: Seq

  /// - Parameters:
  ///   - query: which runs; order and limit count for nothing.
  ///   - isOfAll: the query asks for nothing in particular.
  ///   - version: of the program.
  package init(
    _ query: InstanceQuery, isOfAll: Bool, in session: LedgerSession, version: String
  ) throws {
    var query = query
    query.order = .created
    query.isAscending = true
    self.query = query
    self.isOfAll = isOfAll
    self.session = session
    self.version = version
    end = try session.reader.head().seq
  }

  package typealias Give = (UnsafeRawBufferPointer) throws -> Void

  /// - Parameter format: one of many runs.
  package func write(_ format: ExportFormat, to give: @escaping Give) throws {
    var sink = ExportSink(give)
    switch format {
    case .jsonl:
      try forEachEvent { event in try sink.append { EventDocumentLine.append(event, to: &$0) } }
    case .cloudevents: try writeCloudEvents(to: &sink)
    case .csv:
      try sink.write(CSVText.header)
      try forEachRun { try sink.write(CSVText.row($0)) }
    case .otlpJSON: try forEachRun { try writeTrace(of: $0, to: &sink) }
    case .junit: try writeSuites(to: &sink)
    case .asciicast, .asciicastV2: break
    }
    try sink.flush()
  }

  /// - Parameter format: one of a single run.
  package static func write(
    _ record: InstanceRecord, _ format: ExportFormat, in session: LedgerSession,
    to give: @escaping Give
  ) throws {
    var sink = ExportSink(give)
    let document = InstanceDocument(record, bootNow: .now)
    var text = AsciicastText(format == .asciicast ? .v3 : .v2, document)
    try sink.write(text.header)
    let output = TimedOutput(
      of: record.instance, in: session, isDropped: record.outputRemovedAt != nil)
    try output.forEach { try sink.write(text.line($0)) }
    try sink.write(text.ending())
    try sink.flush()
  }

  /// Writes what stands for no runs at all: for a place without a ledger.
  package static func writeNothing(_ format: ExportFormat, to give: @escaping Give) throws {
    var sink = ExportSink(give)
    switch format {
    case .csv: try sink.write(CSVText.header)
    case .cloudevents: try sink.write("[]\n")
    case .junit: try sink.write(JUnitText.beginning + JUnitText.ending)
    case .jsonl, .otlpJSON, .asciicast, .asciicastV2: break
    }
    try sink.flush()
  }

  // MARK: Reading

  private func forEachRecord(
    _ query: InstanceQuery, _ body: (InstanceRecord) throws -> Void
  ) throws {
    var failure: (any Error)?
    try session.projections.forEach(query) { record in
      do {
        try body(record)
        return true
      } catch {
        failure = error
        return false
      }
    }
    if let failure { throw failure }
  }

  private func forEachRun(_ body: (InstanceDocument) throws -> Void) throws {
    try forEachRecord(query) { try body(InstanceDocument($0, bootNow: bootNow)) }
  }

  private func forEachEvent(_ body: (Event) throws -> Void) throws {
    guard isOfAll else {
      return try forEachRecord(query) { record in
        var n: Int64 = 0
        while true {
          let page = try session.reader.events(
            of: record.instance, after: n, withOutput: true, limit: 1000)
          for event in page where event.seq <= end { try body(event) }
          guard let last = page.last, let lastN = last.n, last.seq < end else { return }
          n = lastN
        }
      }
    }
    var position = Seq.start
    while position < end {
      let page = try session.reader.events(after: position, limit: 1000)
      for event in page where event.seq <= end { try body(event) }
      guard let last = page.last?.seq else { return }
      position = last
    }
  }

  // MARK: Formats

  private func writeCloudEvents(to sink: inout ExportSink) throws {
    let text = CloudEventText(host: Host.name(), ledgerID: session.reader.ledgerID)
    var isFirst = true
    try forEachEvent { event in
      try sink.write((isFirst ? "[\n" : ",\n") + text.json(event).text)
      isFirst = false
    }
    try sink.write(isFirst ? "[]\n" : "\n]\n")
  }

  private static let recordsAtOnce = 1000
  private static let recordBytesAtOnce = 1 << 20

  private func writeTrace(of run: InstanceDocument, to sink: inout ExportSink) throws {
    let text = OTLPText(run, ledgerID: session.reader.ledgerID, version: version)
    try sink.write(text.spans.text + "\n")
    var records: [JSON] = []
    var bytes = 0
    func give() throws {
      guard !records.isEmpty else { return }
      try sink.write(text.logs(records).text + "\n")
      records.removeAll(keepingCapacity: true)
      bytes = 0
    }
    func add(_ record: JSON, _ size: Int) throws {
      records.append(record)
      bytes += size
      if records.count == Self.recordsAtOnce || bytes >= Self.recordBytesAtOnce { try give() }
    }
    func add(_ line: String, _ stream: OutputStream, _ at: WallTime) throws {
      try add(text.record(line, stream, at: at), line.utf8.count)
    }
    var lines = OutputLines()
    try output(of: run).forEach { item in
      switch item {
      case .bytes(let bytes, let stream, let at): try lines.take(bytes, stream, at: at, add)
      case .missing(let bytes, let reason, let at):
        try add(text.record(missing: bytes, reason, at: at), reason.utf8.count)
      }
    }
    try lines.finish(add)
    try give()
  }

  private func output(of run: InstanceDocument) -> TimedOutput {
    TimedOutput(of: run.instance, in: session, isDropped: run.output?.removedAt != nil)
  }

  /// A suite says first how many there are: its runs are read twice.
  private func writeSuites(to sink: inout ExportSink) throws {
    try sink.write(JUnitText.beginning)
    var last: String?
    while let job = try session.projections.jobs(after: last, limit: 1).first {
      last = job
      guard query.job == nil || query.job == job else { continue }
      var ofJob = query
      ofJob.job = job
      var counts = JUnitText.Counts()
      try forEachRecord(ofJob) {
        counts.add(
          $0.state, isRehearsal: $0.isRehearsal, run: $0.runMicroseconds, createdAt: $0.createdAt)
      }
      guard counts.tests > 0 else { continue }
      try sink.write(JUnitText.beginSuite(job, counts))
      var left = counts.tests
      try forEachRecord(ofJob) { record in
        // Others may have ended since.
        guard left > 0 else { return }
        left -= 1
        try writeCase(InstanceDocument(record, bootNow: bootNow), to: &sink)
      }
      try sink.write(JUnitText.endSuite)
    }
    try sink.write(JUnitText.ending)
  }

  /// Bytes of each stream's end that a case has.
  private static let caseOutput = 64 << 10

  private func writeCase(_ run: InstanceDocument, to sink: inout ExportSink) throws {
    try sink.write(JUnitText.beginCase(run))
    var ends: [OutputStream: [UInt8]] = [:]
    var missing: [String: Int64] = [:]
    try output(of: run).forEach { item in
      switch item {
      case .bytes(let bytes, let stream, _):
        ends[stream, default: []] += bytes
        if ends[stream, default: []].count > 4 * Self.caseOutput {
          ends[stream] = ends[stream]?.suffix(Self.caseOutput)
        }
      case .missing(let bytes, let reason, _): missing[reason, default: 0] &+= bytes
      }
    }
    let notes = missing.sorted { $0.key < $1.key }.map { "(\($0.value) bytes: \($0.key))\n" }
      .joined()
    for (stream, name) in [(OutputStream.stdout, "system-out"), (.stderr, "system-err")] {
      let text = String(decoding: ends[stream, default: []].suffix(Self.caseOutput), as: UTF8.self)
      try sink.write(JUnitText.output(name, (stream == .stdout ? notes : "") + text))
    }
    try sink.write(JUnitText.endCase)
  }
}
