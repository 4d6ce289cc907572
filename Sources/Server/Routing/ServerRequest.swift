internal import Events
internal import HTTPTypes
internal import NIOCore

/// A request as a resource sees it: who asks is known, and everything in it is whole.
struct ServerRequest: Sendable {
  var method: HTTPRequest.Method
  /// The path as it was sent, without the query.
  var path: String
  /// The path and query as they were sent.
  var target: String
  var query: Query
  var headers: HTTPFields
  var body: ByteBuffer
  var grant: Grant
  let connection: HTTPConnection
  /// The path's values for the route's parameters.
  var parameters: [String: String] = [:]

  /// - Parameter name: one that the route has.
  subscript(name: String) -> String { parameters[name] ?? "" }

  /// The body as a JSON object; an empty one where there is none.
  func jsonBody() throws(Problem) -> JSON {
    guard body.readableBytes > 0 else { return .object([]) }
    let type = headers[.contentType] ?? ""
    let kind = type.prefix { $0 != ";" }.filter { $0 != " " }.lowercased()
    guard kind == "application/json" else {
      throw Problem(
        name: "unsupported-media-type", title: "Unsupported media type",
        status: .unsupportedMediaType,
        detail: "the body is \(Problem.quoted(type)); send application/json, or no body")
    }
    guard let text = String(validating: body.readableBytesView, as: UTF8.self) else {
      throw .badRequest("the body is not UTF-8")
    }
    let json: JSON
    do throws(JSON.SyntaxError) { json = try JSON(parsing: text) } catch {
      throw .badRequest("the body is no JSON: \(error)")
    }
    guard json.members != nil else { throw .badRequest("the body is no JSON object") }
    return json
  }
}
