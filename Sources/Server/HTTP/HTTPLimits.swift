internal import NIOCore
internal import Settings

/// The limits of one connection, as the handlers use them.
struct HTTPLimits: Sendable, Equatable {
  var head: Int
  var fields: Int
  var target: Int
  var body: Int64
  var headTime: TimeAmount
  var bodyTime: TimeAmount
  var idleTime: TimeAmount
  /// The time after which an answer of which nobody has read anything is broken off.
  var stalledTime: TimeAmount = .seconds(75)
  var stalledStreamTime: TimeAmount = .seconds(10)
  /// The time for which a refused request is read on, so that the refusal is not lost with a reset.
  var lingering: TimeAmount = .seconds(2)

  init(_ limits: ServerLimits) {
    head = Int(limits.head)
    fields = limits.fields
    target = Int(limits.target)
    body = limits.body
    headTime = .microseconds(limits.headTime)
    bodyTime = .microseconds(limits.bodyTime)
    idleTime = .microseconds(limits.idleTime)
  }
}

/// The fields of a request's head that framing and connection depend on.
struct RequestHead: Equatable, Sendable {
  enum Body: Equatable, Sendable {
    case none
    case length(Int64)
    case chunked
  }

  var body = Body.none
  var isHTTP10 = false
  var keepsAlive = true
  var expectsContinue = false
  var isHEAD = false
}

/// The reason why a request is refused before anybody looks at what it asks for. The connection is closed after each.
enum HTTPViolation: Error, Equatable, Sendable {
  case malformed(String)
  case unknownMethod(String)
  case headTooLarge
  case tooManyFields
  case targetTooLong
  case bodyTooLarge
  case unknownExpectation
  case headTooSlow
  case bodyTooSlow
}
