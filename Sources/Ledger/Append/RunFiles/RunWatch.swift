package import Events
internal import Glibc
internal import Linux

/// Tells when a live instance's runner lets go of its run file: it has ended, or was killed. The FIFO is hung up for
/// its readers when its last writer goes, and the runner is the one that stays.
package final class RunWatch {
  private let descriptor: Descriptor

  /// For poll(2), hangup alone: rings are not for this reader.
  package var fd: Int32 { descriptor.fd }

  /// Begins to watch; nil when the runner has gone already, or its file may not be opened.
  package init?(_ instance: InstanceID, in directory: LedgerDirectory) {
    // In this order: if the runner holds its lock now, it was a writer when the file was opened, and its going is told.
    guard let file = try? Descriptor.open(directory.runFile(instance), O_RDONLY | O_NONBLOCK),
      ByteLock.isHeld(file.fd, byte: 0)
    else { return nil }
    descriptor = file
  }
}
