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
    let number = try begin(request, endsWithServer: ends)
    defer { end(number, request) }
    return try await body()
  }

  /// Begins a stream before it is answered; the one who is let in calls ``end(_:_:)``.
  func begin(
    _ request: ServerRequest, endsWithServer ends: Bool = true
  ) throws(Problem) -> Int {
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
    return number
  }

  func end(_ number: Int, _ request: ServerRequest) {
    request.connection.isStream = false
    state.withLock { $0.streams[number] = nil }
  }

  /// Ends the streams whose token does not hold any more.
  func sweep() {
    let streams = state.withLock { Array($0.streams.values) }
    for stream in streams where !access.holds(stream.grant) { stream.connection.end() }
  }
}
