internal import Events
internal import HTTPTypes
internal import NIOCore

/// The answer of a resource.
struct Answer: Sendable {
  typealias Writing = @Sendable (AnswerWriter) async throws -> Void

  enum Body: Sendable {
    case none
    case bytes(ByteBuffer)
    /// The answer is written piece by piece; each waits until the one who asked has room for it. Nil: nobody knows how
    /// long it becomes.
    case stream(length: Int?, Writing)
  }

  var status: HTTPResponse.Status
  var headers = HTTPFields()
  var body: Body

  init(status: HTTPResponse.Status, body: Body = .none) {
    self.status = status
    self.body = body
  }

  init(status: HTTPResponse.Status = .ok, type: String, bytes: [UInt8]) {
    self.status = status
    body = .bytes(ByteBuffer(bytes: bytes))
    headers[.contentType] = type
  }

  /// A document that links to others (HAL).
  static func hal(_ json: JSON, status: HTTPResponse.Status = .ok) -> Answer {
    Answer(status: status, type: "application/hal+json", bytes: Array(json.text.utf8))
  }

  static func json(_ json: JSON, status: HTTPResponse.Status = .ok) -> Answer {
    Answer(status: status, type: "application/json", bytes: Array(json.text.utf8))
  }

  static func text(_ text: String, status: HTTPResponse.Status = .ok) -> Answer {
    Answer(status: status, type: "text/plain; charset=utf-8", bytes: Array(text.utf8))
  }

  /// Makes an answer while it is written: nothing of it is gathered.
  static func stream(
    type: String, length: Int? = nil, _ write: @escaping Writing
  ) -> Answer {
    var answer = Answer(status: .ok, body: .stream(length: length, write))
    answer.headers[.contentType] = type
    return answer
  }

  /// A proxy is not to hold it back.
  var unbuffered: Answer {
    var answer = self
    answer.headers[.named("X-Accel-Buffering")] = "no"
    return answer
  }

  /// The same without its body, as HEAD has it.
  var withoutBody: Answer {
    var answer = self
    switch body {
    case .none: break
    case .bytes(let bytes): answer.headers[.contentLength] = "\(bytes.readableBytes)"
    case .stream(let length, _):
      if let length { answer.headers[.contentLength] = "\(length)" }
    }
    answer.body = .none
    return answer
  }
}
