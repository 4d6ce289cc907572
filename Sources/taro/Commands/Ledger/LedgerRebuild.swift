internal import ArgumentParser
internal import CommandLineKit
internal import Events
internal import Ledger
internal import Linux
internal import Presentation
internal import Projections

struct LedgerRebuild: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rebuild",
    abstract: "Make the read models anew from the events.",
    discussion: """
      They are kept in projections.db beside the ledger, and nothing is lost with them. Jobs and other commands may run \
      meanwhile.

        taro ledger rebuild
      """)

  @OptionGroup var ledger: LedgerOption

  func run() throws {
    let reader = try LedgerReader(try ledger.directory())
    if let missing = reader.missing {
      // The projections may be all that is left of what is lost.
      throw LedgerError.damaged(path: reader.directory.path, reason: missing.description)
    }
    LedgerNotices.say(damagedNotes: reader.damagedNotes, of: reader.directory)
    let start = MonotonicTime.now
    let bar = ProgressBar("rebuilding")
    let store = try ProjectionStore(reader)
    let position = try store.rebuild(progress: bar.show)
    let counts = try store.instanceCounts()
    bar.clear()
    let output = StandardOutput()
    output.write(
      "\(CountText.of(position.number, "event")) of "
        + "\(CountText.of(counts.live + counts.ended, "instance")) read in "
        + "\(DurationText.short(MonotonicTime.now - start))\n")
    output.flush()
  }
}
