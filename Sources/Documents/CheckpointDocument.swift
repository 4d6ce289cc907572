package import Events

/// The position to which a named listener has come.
package struct CheckpointDocument: Equatable, Sendable {
  /// The reason why the next listener of the name begins at the ledger's beginning.
  package enum Problem: String, CaseIterable, Sendable {
    case otherLedger = "other_ledger"
    case lostEvents = "lost_events"
    case unreadable
  }

  package var name: String
  /// The position of the last event that was given out; nil where it counts no more.
  package var seq: Seq?
  /// Positions of the ledger behind that.
  package var behind: Int64?
  package var problem: Problem?
  package var savedAt: WallTime
  package var isListening: Bool
  /// The process that listens.
  package var pid: Int64?

  package init(name: String, savedAt: WallTime, isListening: Bool, pid: Int64?) {
    self.name = name
    self.savedAt = savedAt
    self.isListening = isListening
    self.pid = pid
  }

  package var json: JSON {
    JSON(document: [
      ("name", .string(name)), ("seq", .position(seq)), ("behind", .count(behind)),
      ("problem", .text(problem?.rawValue)), ("saved_at", .time(savedAt)),
      ("listening", .bool(isListening)), ("pid", .count(pid)),
    ])
  }

  package init(_ json: JSON) throws(DocumentError) {
    let fields = try DocumentFields(json)
    self.init(
      name: try fields.string("name"), savedAt: try fields.time("saved_at"),
      isListening: try fields.bool("listening"), pid: try fields.count("pid"))
    seq = try fields.count("seq").map { Seq($0) }
    behind = try fields.count("behind")
    if try fields.text("problem") != nil {
      problem = try fields.named("problem", "reason that this version knows") {
        Problem(rawValue: $0)
      }
    }
  }
}
