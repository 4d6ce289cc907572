package import Events
internal import Glibc
internal import Linux

/// Puts on disk what is to be told as something that stays. A power cut takes what was appended without waiting for the
/// disk, and its positions are given to other events: who told a script of it, or saved that it was given out, has
/// promised too much. Used by one thread at a time.
package final class DurableFollower {
  /// One who follows a job that prints without an end is not to keep the disk busy: in microseconds.
  private static let interval: Int64 = 20_000

  private let directory: LedgerDirectory
  private let queue: QueueFile?
  private var wal: WALFlush?
  /// Up to here everything is on disk.
  private var known = Seq.start
  private var flushedAt: MonotonicTime?

  package init(_ reader: LedgerReader) {
    directory = reader.directory
    // A copy has no queue: nothing is made in it.
    queue = reader.isCopy ? nil : QueueFile(existing: reader.directory)
    wal = try? WALFlush(reader.directory)
  }

  /// Tells whether all events up to this one are on disk. Most are, by whoever appended them (three system calls);
  /// others are flushed here, at most every 20 ms, and noted for all.
  /// - Returns: false when it is to be asked again.
  package func isOnDisk(_ event: Event) -> Bool {
    guard event.seq > known else { return true }
    guard let notes = try? QueueFile.read(directory) else { return false }
    if let durable = notes.durableHead, durable.seq >= event.seq {
      known = durable.seq
      return true
    }
    let now = MonotonicTime.now
    guard flushedAt.map({ now - $0 >= Self.interval }) ?? true else { return false }
    flushedAt = now
    guard flush() else { return false }
    known = event.seq
    if let place = NotedPlace(directory) {
      queue?.noteDurable(ChainPosition(seq: event.seq, digest: event.digest), of: place, notes)
    }
    return true
  }

  /// One that has failed, for whomever, is made good by the next writer.
  private func flush() -> Bool {
    if wal == nil { wal = try? WALFlush(directory) }
    do throws(SystemCallError) {
      guard try wal?.run() ?? false else {
        // Its writer puts what it had into the database.
        wal = nil
        return false
      }
      return (try? QueueFile.read(directory)).map { !$0.hasFailedFlush } ?? false
    } catch {
      queue?.noteFlush(hasFailed: true)
      return false
    }
  }
}
