internal import Events
internal import Ledger
internal import SQLite

/// For positions some thousand events apart, and for the last one: what nothing up to there is beyond. It goes on behind
/// what is stored.
struct MomentFold {
  private static let step: Int64 = 1024

  private var points: [(seq: Seq, at: WallTime)] = []
  private var latest: WallTime
  private var order: Int64
  private var lastPoint: Seq
  /// A stored one that is only there because it is the last.
  private let passing: Seq?
  private var seq: Seq?

  init(_ connection: borrowing Connection) throws(SQLiteError) {
    var statement = try connection.prepare(
      "SELECT seq, at, created_order FROM moment ORDER BY seq DESC LIMIT 2")
    guard try statement.step() else {
      (latest, order) = (WallTime(microseconds: .min), 0)
      (lastPoint, passing) = (.start, nil)
      return
    }
    let last = statement.seq(0)
    (latest, order) = (statement.wallTime(1), statement.integer(2))
    let before = try statement.step() ? statement.seq(0) : .start
    let isPassing = last - before < Self.step
    (lastPoint, passing) = isPassing ? (before, last) : (last, nil)
  }

  mutating func apply(_ event: Event) {
    latest = max(latest, event.at)
    seq = event.seq
    guard event.seq - lastPoint >= Self.step else { return }
    points.append((event.seq, latest))
    lastPoint = event.seq
  }

  /// - Parameter lastOrder: the last place of those that were created meanwhile; it holds for all that is stored now.
  mutating func save(
    lastOrder: Int64?, _ connection: borrowing Connection
  ) throws(SQLiteError) {
    guard let seq else { return }
    if points.last?.seq != seq { points.append((seq, latest)) }
    order = max(order, lastOrder ?? order)
    if let passing { try connection.execute("DELETE FROM moment WHERE seq = \(passing)") }
    var insert = try connection.prepare("INSERT INTO moment VALUES (?, ?, ?)")
    for point in points {
      try insert.bind(1, point.seq)
      try insert.bind(2, point.at)
      try insert.bind(3, order)
      try insert.run()
    }
  }
}
