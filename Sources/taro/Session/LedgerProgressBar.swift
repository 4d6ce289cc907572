internal import CommandLineKit
internal import Ledger

extension ProgressBar {
  func show(_ progress: LedgerProgress) {
    show(done: progress.done, of: progress.total, bytes: progress.bytes)
  }
}
