internal import CommandLineKit
internal import Ledger
internal import Operations
internal import Presentation
internal import Synchronization

/// Says on stderr what is to be known of a ledger besides its answer. The exit code stays what it is.
enum LedgerNotices {
  static func say(_ notice: LedgerNotice, of directory: LedgerDirectory) {
    let text = text(notice, directory)
    StandardError.say(text)
    guard case .lostEvents = notice else { return }
    reported.withLock { $0 = text }
  }

  static func say(damagedNotes notes: DamagedNotes?, of directory: LedgerDirectory) {
    if let notes { say(.damagedNotes(notes), of: directory) }
  }

  private static func text(_ notice: LedgerNotice, _ directory: LedgerDirectory) -> String {
    let path = directory.path
    switch notice {
    case .lostEvents(let missing):
      return ErrorText.of(LedgerError.damaged(path: path, reason: missing.description))
    case .damagedNotes(let notes):
      return
        "ledger \(path): \(notes); taro ledger verify says what is there, and the next taro exec notes it anew"
    case .isCopy:
      return
        "ledger \(path) is a copy: questions leave it as it is, and who first writes it makes it a ledger of its own"
    case .spooled(let spooled, let error):
      let them = spooled.count == 1 ? "it in" : "them in"
      let reason = error.map { ": \(ErrorText.of($0))" } ?? ""
      return
        "\(text(spooled)), not in the ledger \(path); the next taro exec that can write it takes \(them)\(reason)"
    }
  }

  /// Returns `2 runs wait in /tmp/taro-spool-33/..., the oldest since 2026-11-29 02:10:11.000`.
  static func text(_ spooled: SpooledInstances) -> String {
    let runs = CountText.of(Int64(spooled.count), "run")
    let oldest = spooled.oldest.map { ", the oldest since \(TimeFormat.local($0))" } ?? ""
    return "\(runs) \(spooled.count == 1 ? "waits" : "wait") in "
      + spooled.directories.joined(separator: ", ") + oldest
  }

  /// Tells whether a person has been told already what a question is then refused for.
  static func hasReported(_ error: LedgerError) -> Bool {
    reported.withLock { $0 == ErrorText.of(error) }
  }

  /// The text that the command's thread has reported; set once.
  private static let reported = Mutex<String?>(nil)
}
