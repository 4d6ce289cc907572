internal import Events
internal import HTTPTypes
internal import Operations

/// The parameters of a request for output.
struct OutputParameters: Sendable {
  static let mostLines: Int64 = 1_000_000
  private static let mostBytes: Int64 = 999_999_999_999_999_999

  /// The place that somebody had reached when a connection broke.
  enum LastID: Equatable, Sendable {
    case offset(Int64)
    /// He has been told the end.
    case end

    init?(_ headers: HTTPFields) throws(Problem) {
      guard let text = headers[.lastEventID], !text.isEmpty else { return nil }
      if text == OutputForm.endID {
        self = .end
      } else if let offset = DigitText.number(text) {
        self = .offset(offset)
      } else {
        throw .badParameter("Last-Event-ID", text, "accepted: an offset, or \(OutputForm.endID)")
      }
    }
  }

  /// The wanted stream; nil for both.
  let stream: OutputStream?
  /// The last so many.
  let lines: Int?
  let range: ByteRange?
  /// Goes on until the instance has ended.
  let follows: Bool
  /// As server-sent events.
  let isEventStream: Bool
  let lastID: LastID?
  /// The moment as of which it is wanted; nil: now.
  let moment: AskedMoment?
  /// As JSON Lines.
  let isLines: Bool
  /// The part that is wanted by offsets; nil where `Range` may say it.
  let part: Range<Int64>?

  init(_ request: ServerRequest) throws(Problem) {
    var query = request.query
    isEventStream = EventSelection.wantsEventStream(request.headers)
    stream = try query.takeStream()
    lines = try query.takeCount("lines", 0...Self.mostLines).map(Int.init)
    follows = try query.takeFlag("follow") || isEventStream
    let asked = query.value(of: "as_of")
    moment = try query.takeMoment(now: .now)
    if follows, let asked {
      throw .badParameter("as_of", asked, "follow goes on with what comes; ask for one of both")
    }
    isLines = !follows && EventSelection.wants("application/x-ndjson", request.headers)
    let from = try query.takeCount("from", 0...Self.mostBytes)
    let to = try query.takeCount("to", 0...Self.mostBytes)
    let isPart = lines == nil && !follows && (from != nil || to != nil)
    part = isPart ? (from ?? 0)..<max(from ?? 0, to ?? .max) : nil
    try query.finish()
    // One that is no offset is told in any case.
    let seen = try LastID(request.headers)
    lastID = isEventStream ? seen : nil
    range = lines == nil && !follows && !isLines && part == nil ? ByteRange(request.headers) : nil
  }
}

extension Query {
  private enum Stream: String, CaseIterable {
    case stdout, stderr
  }

  /// Takes the wanted stream; nil for both.
  mutating func takeStream() throws(Problem) -> OutputStream? {
    try takeWord("stream", Stream.self).map { $0 == .stdout ? .stdout : .stderr }
  }
}
