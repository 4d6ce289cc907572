internal import CommandLineKit
internal import Ledger
internal import Presentation

/// Tells, on stderr, of runs that are not in the ledger which is asked: what is shown is not all there was. The exit code
/// stays what it is.
enum SpoolNotice {
  static func say(
    _ spooled: SpooledInstances, of directory: LedgerDirectory, because reason: String? = nil
  ) {
    guard spooled.count > 0 else { return }
    let text =
      "\(text(spooled)), not in the ledger \(directory.path); the next taro exec that can write it takes "
      + (spooled.count == 1 ? "it in" : "them in") + (reason.map { ": \($0)" } ?? "")
    StandardError.say(text)
  }

  /// `2 runs wait in /tmp/taro-spool-33/..., the oldest since 2026-11-29 02:10:11.000`.
  static func text(_ spooled: SpooledInstances) -> String {
    let runs = CountText.of(Int64(spooled.count), "run")
    let oldest = spooled.oldest.map { ", the oldest since \(TimeFormat.local($0))" } ?? ""
    return "\(runs) \(spooled.count == 1 ? "waits" : "wait") in "
      + spooled.directories.joined(separator: ", ") + oldest
  }
}
