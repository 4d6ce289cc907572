internal import ArgumentParser
internal import CommandLineKit
internal import Events
internal import Operations
internal import Presentation
internal import Settings

/// The option of questions that goes back to an earlier moment.
struct MomentOption: ParsableArguments {
  @Option(
    name: .customLong("as-of"), parsing: .unconditional,
    help: ArgumentHelp(
      "The answer of that moment: a position of the ledger, or a time (14:30, \"2h ago\").",
      valueName: "time|seq"))
  var text: String?

  /// The ledger as it was at that moment, or as it is; nil when nothing has been run yet, and no moment is asked for. What
  /// is not there any more is told.
  func view(_ ledger: LedgerOption) throws -> LedgerSession? {
    guard let text else { return try ledger.view() }
    let asked: AskedMoment
    do throws(SettingError) { asked = try AskedMoment(text, now: .now) } catch {
      throw error.about("--as-of")
    }
    guard let view = try ledger.view() else { throw AskedMoment.Refusal.nothingRecorded }
    let past = try view.at(asked)
    let dropped = try past.droppedSince()
    if dropped > 0 {
      let events = CountText.of(dropped, "event")
      StandardError.say(
        "retention has since dropped \(events) of that time; what they told is not in this answer")
    }
    return past
  }
}
