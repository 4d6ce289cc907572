internal import HTTPTypes

/// A resource: its path, and what it answers to which method.
///
///     extension Route {
///       static func latches(_ services: Services) -> Route {
///         Route("/latches").get { request in ... }
///       }
///     }
struct Route: Sendable {
  typealias Handler = @Sendable (ServerRequest) async throws -> Answer

  enum Segment: Equatable, Sendable {
    case literal(String)
    case parameter(String)
  }

  /// The condition on which somebody may ask.
  enum Access: Sendable {
    /// The resource is for everybody, without a token.
    case everybody
    case scope(Token.Scope)
  }

  struct Operation: Sendable {
    let access: Access
    let handle: Handler
  }

  /// The path with its parameters: `/instances/{id}/events`.
  let template: String
  let segments: [Segment]
  private(set) var operations: [(method: HTTPRequest.Method, operation: Operation)] = []

  init(_ template: String) {
    self.template = template
    segments = template.split(separator: "/").map { part in
      part.hasPrefix("{") && part.hasSuffix("}")
        ? .parameter(String(part.dropFirst().dropLast())) : .literal(String(part))
    }
  }

  /// Adds GET for who may read, or for everybody.
  func get(_ access: Access = .scope(.read), _ handle: @escaping Handler) -> Route {
    on(.get, access, handle)
  }

  /// Adds a method for who may control, unless it says otherwise.
  func on(
    _ method: HTTPRequest.Method, _ access: Access = .scope(.control), _ handle: @escaping Handler
  ) -> Route {
    var route = self
    route.operations.append((method, Operation(access: access, handle: handle)))
    return route
  }

  /// Returns the operation of a method; HEAD is answered as GET is, without the body.
  subscript(method: HTTPRequest.Method) -> Operation? {
    let method = method == .head ? .get : method
    return operations.first { $0.method == method }?.operation
  }

  var isForEverybody: Bool {
    operations.contains { if case .everybody = $0.operation.access { true } else { false } }
  }

  var allowedMethods: [String] {
    let names = operations.map { $0.method.rawValue }
    return names.contains("GET") ? names + ["HEAD", "OPTIONS"] : names + ["OPTIONS"]
  }

  /// Returns the path's values for the parameters; nil where it is another path.
  func match(_ path: [String]) -> [String: String]? {
    guard path.count == segments.count else { return nil }
    var parameters: [String: String] = [:]
    for (segment, part) in zip(segments, path) {
      switch segment {
      case .literal(let text): guard text == part else { return nil }
      case .parameter(let name):
        guard !part.isEmpty else { return nil }
        parameters[name] = part
      }
    }
    return parameters
  }
}
