internal import Documents
internal import Events
internal import Ledger
internal import NIOCore
internal import Operations
internal import Projections

extension Route {
  /// Figures for Prometheus.
  static func metrics(_ services: Services) -> Route {
    Route("/metrics").get { request in
      try request.query.finish()
      let format = MetricsText.Format(request.headers)
      let tallies = try await services.counters.current()
      let ledger = try await services.executor.read { try LedgerFigures($0) }
      let check = try await services.check(request.grant)
      let jobs = JobMetrics.shown(tallies, to: request.grant)
      return .stream(type: format.contentType) { writer in
        var text = MetricsText(format)
        ledger.add(to: &text)
        text.add(services)
        text.add(CheckMetrics(check))
        for family in JobMetrics.allCases {
          text.begin(family.name, family.kind, family.help)
          for job in jobs {
            family.add(job, to: &text)
            if text.text.utf8.count > Self.pieceBytes { try await writer.write(text.take()) }
          }
        }
        text.end()
        try await writer.write(text.take())
      }
    }
  }

  private static let pieceBytes = 64 << 10
}

/// Figures of the ledger.
private struct LedgerFigures: Sendable {
  private var head = Seq.start
  private var bytes: Int64 = 0
  private var lag: Int64 = 0

  /// On a reader's thread.
  init(_ session: LedgerSession?) throws {
    guard let session else { return }
    head = try session.reader.head().seq
    bytes = session.directory.bytes
    lag = try LedgerLag(session).events
  }

  func add(to text: inout MetricsText) {
    text.begin("taro_ledger_head_seq", .gauge, "The position of the last event.")
    text.add("taro_ledger_head_seq", value: head.number)
    text.begin("taro_ledger_size_bytes", .gauge, "Bytes of ledger.db with its WAL.")
    text.add("taro_ledger_size_bytes", value: bytes)
    text.begin("taro_ledger_lag_events", .gauge, "Events that the answers do not tell of yet.")
    text.add("taro_ledger_lag_events", value: lag)
  }
}

extension MetricsText {
  /// Adds what is not well.
  fileprivate mutating func add(_ check: CheckMetrics) {
    for family in check.families {
      begin(family.name, .gauge, family.help)
      for sample in family.samples {
        switch sample.value {
        case .number(let number): add(family.name, sample.labels, value: number)
        case .time(let time): add(family.name, sample.labels, seconds: time)
        }
      }
    }
  }

  /// Adds the figures of the server itself.
  fileprivate mutating func add(_ services: Services) {
    let counts = services.observer.currentCounts
    let keys = counts.requests.keys.sorted { ($0.route, $0.method) < ($1.route, $1.method) }
    begin("taros_http_requests", .counter, "Requests since the server's start.")
    for key in keys {
      for (status, count) in (counts.requests[key] ?? [:]).sorted(by: { $0.key < $1.key }) {
        add("taros_http_requests_total", Self.labels(key) + [("status", "\(status)")], value: count)
      }
    }
    begin("taros_http_request_duration_seconds", .histogram, "Until the head of the answer.")
    for key in keys {
      guard let durations = counts.durations[key] else { continue }
      add("taros_http_request_duration_seconds", Self.labels(key), histogram: durations)
    }
    begin("taros_streams", .gauge, "Open streams.")
    add("taros_streams", value: Int64(services.streams.count))
    begin("taros_refused", .counter, "Requests and connections that were refused.")
    for (reason, count) in counts.refused.sorted(by: { $0.key < $1.key }) {
      add("taros_refused_total", [("reason", reason)], value: count)
    }
  }

  private static func labels(_ key: RequestCounts.Key) -> [Label] {
    [("method", key.method), ("route", key.route)]
  }
}
