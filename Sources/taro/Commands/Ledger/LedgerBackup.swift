internal import ArgumentParser
internal import CommandLineKit
internal import Ledger
internal import Maintenance
internal import Presentation

struct LedgerBackupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup",
    abstract: "Copy the ledger while jobs run, and check the copy.",
    discussion: """
      The copy is a ledger of one moment: every command reads it with --ledger, and leaves it as it is. It is on disk \
      and was verified when its name appears. Read models, spools and the checkpoints of listeners are not copied.

        taro ledger backup /backup/taro-$(date +%F)
        taro ledger verify --ledger /backup/taro-2026-11-29

      The exit code is 65 when the copy is not good, for then the ledger is not.
      """)

  @Argument(
    help: ArgumentHelp("A directory that is empty or not there yet.", valueName: "dir"),
    completion: .directory)
  var target: String

  @OptionGroup var ledger: LedgerOption

  func validate() throws {
    guard !target.isEmpty else { throw ValidationError("DIR is empty; name a directory") }
  }

  func run() throws {
    var target = target
    while target.count > 1, target.hasSuffix("/") { target.removeLast() }
    let directory = try ledger.directory()
    let bar = ProgressBar("copying")
    let backup = try LedgerBackup.run(directory, into: target, progress: bar.show)
    bar.clear()
    LedgerNotices.say(damagedNotes: backup.damagedNotes, of: directory)
    let output = StandardOutput()
    output.write(
      """
      \(PrintableText.escaped(target)): a copy of \(PrintableText.escaped(directory.path))
      events     \(backup.events)
      output     \(TimeFormat.bytes(backup.outputBytes))
      file       \(TimeFormat.bytes(backup.bytes))
      head       \(backup.head)

      """)
    output.flush()
  }
}
