internal import HTTPTypes
internal import Projections

/// Counts of what has been asked of the server since its start, for metrics. Of each label there is a fixed set of values: nobody
/// who asks makes new ones.
struct RequestCounts: Sendable {
  struct Key: Hashable, Sendable {
    let method: String
    let route: String
  }

  private static let bounds: [Int64] = [
    1000, 5000, 10_000, 50_000, 100_000, 500_000, 1_000_000, 5_000_000, 10_000_000,
  ]
  private static let methods: Set<HTTPRequest.Method> = [
    .get, .head, .post, .put, .delete, .options,
  ]

  /// By status.
  private(set) var requests: [Key: [Int: Int64]] = [:]
  /// Until the head of the answer.
  private(set) var durations: [Key: Histogram] = [:]
  /// By reason.
  private(set) var refused: [String: Int64] = [:]

  mutating func add(
    _ method: HTTPRequest.Method, route: String, status: Int, microseconds: Int64
  ) {
    let key = Key(
      method: Self.methods.contains(method) ? method.rawValue : "other", route: route)
    requests[key, default: [:]][status, default: 0] += 1
    durations[key, default: Histogram(Self.bounds)].add(microseconds)
  }

  mutating func addRefusal(_ reason: String) { refused[reason, default: 0] += 1 }
}
