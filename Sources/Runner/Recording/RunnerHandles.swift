internal import Events
internal import Ledger

/// The runner's handles on its recorded run besides the journal: the run file, which says that the instance is live and
/// is its bell, and the mailbox of the recorder. Of the run's first thread.
final class RunnerHandles {
  let instance: InstanceID
  let mailbox: RecorderMailbox
  private let directory: LedgerDirectory
  private var runFile: RunFile?

  /// - Parameter runFile: nil where the ledger cannot be opened.
  init(
    _ instance: InstanceID, _ mailbox: RecorderMailbox, _ runFile: consuming RunFile?,
    _ directory: LedgerDirectory
  ) {
    self.instance = instance
    self.mailbox = mailbox
    self.directory = directory
    self.runFile = consume runFile
  }

  deinit { letGo() }

  /// Removes the run file, after the terminal event: until then it says that the instance is live. Whoever waits for
  /// its end is woken by this.
  func letGo() { runFile.take()?.remove() }

  var bellFD: Int32? { runFile?.fd }
  var isFollowed: Bool { runFile?.isFollowed ?? false }
  var hasRung: Bool { runFile?.hasRung ?? false }
  /// See ``RunFile/continuesStopped(_:)``.
  func continuesStopped(_ isWanted: Bool) { runFile?.continuesStopped(isWanted) }

  /// Forgets the rings that have arrived. Who has rung may have come past the name of a file that was removed: it is made
  /// anew then, and the old one closed behind that, so that whoever watches it looks again and finds this runner alive.
  func clearRings() {
    runFile?.clearRings()
    guard runFile?.hasLostName ?? false, let anew = try? RunFile(instance, in: directory)
    else { return }
    runFile = consume anew
  }
}
