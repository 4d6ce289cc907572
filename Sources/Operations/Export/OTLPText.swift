internal import Digests
internal import Documents
internal import Events
internal import Linux

/// One run as OpenTelemetry has it, in the JSON of its file exporter (opentelemetry.io/docs/specs/otel/protocol/file-exporter): a
/// trace with spans for the whole run, its waiting and its running, and its output as log records.
struct OTLPText {
  private let instance: InstanceDocument
  private let resource: JSON
  private let traceID: String
  /// The span of whoever started the job, where its environment was recorded and tells.
  private let parentID: String?
  private let ids: (run: String, waiting: String, running: String)

  init(_ instance: InstanceDocument, ledgerID: String, version: String) {
    self.instance = instance
    func id(_ name: String, bytes: Int) -> String {
      let digest = Digest(of: Array("otlp \(name) \(ledgerID) \(instance.instance)".utf8))
      return String(digest.description.prefix(2 * bytes))
    }
    let parent = instance.env?.first { $0.key == "TRACEPARENT" }?.value.string
      .flatMap(Self.traceParent)
    traceID = parent?.trace ?? id("trace", bytes: 16)
    parentID = parent?.span
    ids = (id("run", bytes: 8), id("waiting", bytes: 8), id("running", bytes: 8))
    resource = Self.attributes([
      ("service.name", .string("taro")), ("service.version", .string(version)),
      ("service.instance.id", .string(ledgerID)), ("host.name", .string(instance.host)),
    ])
  }

  /// The W3C's trace context: version, trace, span, flags.
  private static func traceParent(_ text: String) -> (trace: String, span: String)? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count >= 4, parts[0].utf8.count == 2, parts[1].utf8.count == 32,
      parts[2].utf8.count == 16, parts[0] != "ff"
    else { return nil }
    let digits = Array(parts[1].utf8) + Array(parts[2].utf8)
    let isHexadecimal = digits.allSatisfy {
      (0x30...0x39).contains($0) || (0x61...0x66).contains($0)
    }
    guard isHexadecimal, parts[1].contains(where: { $0 != "0" }),
      parts[2].contains(where: { $0 != "0" })
    else { return nil }
    return (String(parts[1]), String(parts[2]))
  }

  // MARK: Spans

  var spans: JSON {
    let end = instance.endedAt ?? instance.createdAt
    var spans = [
      span(
        ids.run, of: parentID, instance.job, from: instance.createdAt, to: end, runAttributes,
        status: status)
    ]
    let isWaiting = instance.transitions.contains { $0.state.group == .waiting }
    if isWaiting {
      spans.append(
        span(
          ids.waiting, of: ids.run, "waiting", from: instance.createdAt,
          to: instance.startedAt ?? end, []))
    }
    if let startedAt = instance.startedAt {
      spans.append(
        span(
          ids.running, of: ids.run, "running", from: startedAt, to: end, processAttributes,
          status: status))
    }
    return .object([
      .init("resourceSpans", .array([scoped("scopeSpans", "spans", spans)]))
    ])
  }

  private func scoped(_ scopes: String, _ items: String, _ content: [JSON]) -> JSON {
    .object([
      .init("resource", .object([.init("attributes", resource)])),
      .init(
        scopes,
        .array([
          .object([
            .init("scope", .object([.init("name", "dev.taro")])), .init(items, .array(content)),
          ])
        ])),
    ])
  }

  private func span(
    _ id: String, of parent: String?, _ name: String, from start: WallTime, to end: WallTime,
    _ attributes: [(String, JSON?)], status: JSON? = nil
  ) -> JSON {
    .object(omittingNil: [
      ("traceId", .string(traceID)), ("spanId", .string(id)),
      ("parentSpanId", parent.map { .string($0) }), ("name", .string(name)),
      // Internal.
      ("kind", 1), ("startTimeUnixNano", Self.nanoseconds(start)),
      ("endTimeUnixNano", Self.nanoseconds(max(start, end))),
      ("attributes", Self.attributes(attributes)), ("status", status),
    ])
  }

  private var runAttributes: [(String, JSON?)] {
    [
      ("cicd.pipeline.name", .string(instance.job)),
      ("cicd.pipeline.run.id", .string(instance.instance.text)),
      ("cicd.pipeline.run.state", .string("finalizing")),
      ("cicd.pipeline.result", .string(result)), ("taro.state", .string(instance.state.rawValue)),
      ("taro.reason", instance.reason.map { .string($0) }),
      ("error.type", isFailure ? .string(instance.state.rawValue) : nil),
    ]
  }

  private var isFailure: Bool { instance.group == .failure }

  private var result: String {
    switch instance.state {
    case .completed: "success"
    case .stopped, .cancelled: "cancellation"
    case .failed where instance.reason == "timeout": "timeout"
    case .failed, .interrupted: "failure"
    case .startFailed, .error, .lost: "error"
    default: "skip"
    }
  }

  private var processAttributes: [(String, JSON?)] {
    [
      ("process.pid", instance.pid.map { .integer($0) }),
      ("process.command", instance.command.first.map { .string($0) }),
      ("process.command_args", .strings(instance.command)),
      ("process.working_directory", .string(instance.cwd)),
      ("process.owner", .string(instance.user)),
      ("process.exit.code", instance.exitCode.map { .integer($0) }),
      ("taro.signal", instance.signal.map { .string($0) }),
    ]
  }

  private var status: JSON {
    guard isFailure else { return .object([.init("code", 1)]) }
    let message = instance.reason ?? instance.exitCode.map { "exit code \($0)" }
    return .object(omittingNil: [("code", 2), ("message", message.map { .string($0) })])
  }

  // MARK: Output

  /// A line of output.
  func record(_ line: String, _ stream: OutputStream, at: WallTime) -> JSON {
    record(line, [("log.iostream", .string(stream == .stdout ? "stdout" : "stderr"))], at: at)
  }

  /// A record of output that is missing.
  func record(missing bytes: Int64, _ reason: String, at: WallTime) -> JSON {
    record(
      "\(bytes) bytes of output are not here: \(reason)",
      [("taro.missing_bytes", .integer(bytes))], at: at)
  }

  private func record(_ body: String, _ attributes: [(String, JSON?)], at: WallTime) -> JSON {
    .object([
      .init("timeUnixNano", Self.nanoseconds(at)),
      .init("observedTimeUnixNano", Self.nanoseconds(at)),
      .init("body", .object([.init("stringValue", .string(body))])),
      .init("attributes", Self.attributes(attributes)), .init("traceId", .string(traceID)),
      .init("spanId", .string(ids.running)),
    ])
  }

  func logs(_ records: [JSON]) -> JSON {
    .object([.init("resourceLogs", .array([scoped("scopeLogs", "logRecords", records)]))])
  }

  // MARK: Values

  /// 64 bits are text in the JSON of protocol buffers.
  private static func nanoseconds(_ time: WallTime) -> JSON {
    .string("\(max(0, time.microseconds))000")
  }

  private static func attributes(_ attributes: [(String, JSON?)]) -> JSON {
    .array(
      attributes.compactMap { key, value in
        value.map { .object([.init("key", .string(key)), .init("value", Self.value($0))]) }
      })
  }

  private static func value(_ value: JSON) -> JSON {
    switch value {
    case .integer(let number): .object([.init("intValue", .string(String(number)))])
    case .bool: .object([.init("boolValue", value)])
    case .number: .object([.init("doubleValue", value)])
    case .array(let values):
      .object([
        .init("arrayValue", .object([.init("values", .array(values.map { self.value($0) }))]))
      ])
    case .string, .null, .object:
      .object([.init("stringValue", .string(value.string ?? ""))])
    }
  }
}
