internal import CommandLineKit
internal import Events
internal import Glibc
internal import Ledger
internal import Linux
internal import Operations

/// A listener that goes on where its name stopped, as a person sees it.
enum ListenerNaming {
  /// Takes the name. Where it cannot go on, stderr says why.
  static func begin(_ name: String, in session: LedgerSession) throws -> NamedListening {
    let listening: NamedListening
    do {
      listening = try NamedListening(name, in: session)
    } catch let refusal as ListenerCheckpoint.Refusal { throw failure(refusal, name) }
    if let reason = reason(listening.start) {
      StandardError.say(
        "checkpoint \(name): \(reason); beginning at the start of this ledger")
    }
    return listening
  }

  /// Saves that everything up to this event has been given out.
  static func save(
    _ listening: inout NamedListening, upTo event: Event, _ name: String
  ) throws {
    do { try listening.save(upTo: event) } catch let refusal
      as ListenerCheckpoint.Refusal
    { throw failure(refusal, name) }
  }

  static func failure(
    _ refusal: ListenerCheckpoint.Refusal, _ name: String
  ) -> Failure {
    let pid =
      switch refusal {
      case .isInUse(let pid): pid
      }
    let who = pid.map { " (pid \($0))" } ?? ""
    return Failure(
      "another taro listen --checkpoint \(name) is running\(who); stop it, or use another name",
      code: EX_TEMPFAIL)
  }

  private static func reason(_ start: ListenerCheckpoint.Start) -> String? {
    switch start {
    case .beginning, .after: nil
    case .otherLedger: "it is of another ledger"
    case .lostEvents: "the event at which it stopped is not in the ledger any more"
    case .unreadable: "its file cannot be read"
    }
  }

  /// Puts what was printed on disk, where stdout is a file: a power cut must not take lines that the checkpoint counts
  /// as given. A pipe and a terminal have no disk (fdatasync(2), EINVAL, EROFS).
  static func syncStandardOutput() throws(SystemCallError) {
    guard fdatasync(1) != 0, errno != EINVAL, errno != EROFS else { return }
    throw SystemCallError("fdatasync", "stdout")
  }
}
