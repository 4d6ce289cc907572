internal import HTTPTypes
internal import Logging
internal import Synchronization

/// Writes the log of what happens on connections, and counts.
final class ConnectionObserver: Sendable {
  let logger: Logger
  private let counts = Mutex(RequestCounts())

  init(_ logger: Logger) { self.logger = logger }

  var currentCounts: RequestCounts { counts.withLock { $0 } }

  /// Notes that somebody was not let in, or asked for too much.
  func refused(_ connection: HTTPConnection, _ problem: Problem, path: String? = nil) {
    let reason = problem.refusal ?? problem.name
    counts.withLock { $0.addRefusal(reason) }
    var metadata: Logger.Metadata = [
      "address": .string(connection.remote), "status": .stringConvertible(problem.status.code),
      "reason": .string(reason),
    ]
    if let more = problem.remark { metadata["because"] = .string(more) }
    if let path { metadata["path"] = .string(Self.withoutTokens(path)) }
    logger.info("refused", metadata: metadata)
  }

  /// The head of an answer is there.
  func began(_ method: HTTPRequest.Method, route: String, status: Int, microseconds: Int64) {
    counts.withLock { $0.add(method, route: route, status: status, microseconds: microseconds) }
  }

  /// The answer has been written, as far as it was.
  func answered(
    _ connection: HTTPConnection, _ grant: Grant, method: HTTPRequest.Method, path: String,
    status: Int, microseconds: Int64
  ) {
    guard logger.logLevel <= .debug else { return }
    logger.debug(
      "answered",
      metadata: [
        "address": .string(connection.remote), "who": .string(grant.name),
        "method": .string(method.rawValue), "path": .string(Self.withoutTokens(path)),
        "status": .stringConvertible(status), "ms": .string("\(Double(microseconds) / 1000)"),
      ])
  }

  /// The connection broke; that is nobody's fault.
  func failed(_ connection: HTTPConnection, _ error: any Error) {
    logger.debug(
      "connection failed",
      metadata: ["address": .string(connection.remote), "error": .string("\(error)")])
  }

  /// Notes a mistake of the server.
  func mistaken(_ connection: HTTPConnection, _ error: any Error, path: String) {
    logger.error(
      "request failed",
      metadata: [
        "address": .string(connection.remote), "path": .string(Self.withoutTokens(path)),
        "error": .string("\(error)"),
      ])
  }

  /// Removes what may be a token: somebody may show one where it does not belong.
  static func withoutTokens(_ path: String) -> String {
    guard path.contains(Token.prefix) else { return path }
    let parts = path.split(separator: Token.prefix, omittingEmptySubsequences: false)
    return parts.dropFirst().reduce(String(parts.first ?? "")) { text, part in
      let rest = part.drop { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }
      return text + Token.prefix + "..." + rest
    }
  }
}
