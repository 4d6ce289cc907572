internal import Synchronization

/// The answers that go on until somebody ends them: so many at a time, and each no longer than what its token allows.
final class StreamRegistry: Sendable {
  private struct Stream {
    let grant: Grant
    let connection: HTTPConnection
  }

  private struct State {
    var streams: [Int: Stream] = [:]
    var next = 0
  }

  private let limit: Int
  private let access: AccessControl
  private let state = Mutex(State())

  init(limit: Int, _ access: AccessControl) {
    self.limit = limit
    self.access = access
  }

  var count: Int { state.withLock { $0.streams.count } }

  /// Runs a stream's body, which writes until its task is cancelled: the client has gone, its token was revoked, or the
  /// server ends.
  /// - Throws: `Problem` where there are too many; before anything was answered, if it is called before that.
  /// - Parameter ends: when the server ends, what has not ended by itself is broken off soon all the same.
  func run<Result>(
    _ request: ServerRequest, endsWithServer ends: Bool = true,
    _ body: () async throws -> Result
  ) async throws -> Result {
    let place = try begin(request, endsWithServer: ends)
    defer { place.leave() }
    return try await body()
  }

  /// A stream's place among the others. It is left with ``leave()``, or by whoever lets go of it last: where the head of an
  /// answer does not get through, its body is never written.
  final class Place: Sendable {
    private let number: Int
    private let registry: StreamRegistry
    private let connection: HTTPConnection

    fileprivate init(_ number: Int, _ registry: StreamRegistry, _ connection: HTTPConnection) {
      self.number = number
      self.registry = registry
      self.connection = connection
    }

    deinit { leave() }

    func leave() {
      guard registry.end(number) else { return }
      connection.isStream = false
    }
  }

  /// For who asks before it answers.
  func begin(
    _ request: ServerRequest, endsWithServer ends: Bool = true
  ) throws(Problem) -> Place {
    let number = state.withLock { state -> Int? in
      guard state.streams.count < limit else { return nil }
      state.next += 1
      state.streams[state.next] = Stream(grant: request.grant, connection: request.connection)
      return state.next
    }
    guard let number else {
      throw .busy("there are \(limit) streams already; end one, or raise limits.streams")
    }
    request.connection.isStream = ends
    return Place(number, self, request.connection)
  }

  /// - Returns: false where it has ended already.
  private func end(_ number: Int) -> Bool {
    state.withLock { $0.streams.removeValue(forKey: number) != nil }
  }

  /// Ends the streams whose token does not hold any more.
  func sweep() {
    let streams = state.withLock { Array($0.streams.values) }
    for stream in streams where !access.holds(stream.grant) { stream.connection.end() }
  }
}
