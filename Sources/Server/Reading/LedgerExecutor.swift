package import Ledger
internal import Linux
package import Operations

/// Lets async code use the ledger: SQLite, flock and /proc are touched on these threads alone, never on NIO's or on those
/// of Swift's pool. Readers have a session each; one thread writes.
///
///     let entries = try await executor.read { session in
///       try session.map { try DisabledJobs(reader: $0.reader).inForce(at: now) } ?? []
///     }
package final class LedgerExecutor: Sendable {
  /// More wait: somebody asks faster than the ledger answers, and is told so.
  private static let waitingLimit = 2048

  private let readers: WorkQueue<SessionKeeper>
  private let writer: WorkQueue<SessionKeeper>
  package let directory: LedgerDirectory

  /// - Throws: when there are no threads to have.
  package init(_ directory: LedgerDirectory, readers count: Int) throws {
    self.directory = directory
    readers = try WorkQueue(threads: count, limit: Self.waitingLimit) { SessionKeeper(directory) }
    writer = try WorkQueue(threads: 1, limit: Self.waitingLimit) { SessionKeeper(directory) }
  }

  /// Asks the ledger; the session is nil while there is none. Keep it short: a reader that waits keeps others waiting.
  package func read<Answer: Sendable>(
    _ body: @escaping @Sendable (LedgerSession?) throws -> Answer
  ) async throws -> Answer {
    try await readers.run { try $0.use(body) }
  }

  /// Writes to the ledger, which is made where there is none; on disk when it returns, where `body` says so.
  package func write<Answer: Sendable>(
    _ body: @escaping @Sendable (LedgerSession) throws -> Answer
  ) async throws -> Answer {
    try await writer.run { try $0.useMakingLedger(body) }
  }

  /// What nobody waits for, in turn with what is written; no ledger is made for it.
  package func maintain<Answer: Sendable>(
    _ body: @escaping @Sendable (LedgerSession?) throws -> Answer
  ) async throws -> Answer {
    try await writer.run { try $0.use(body) }
  }

  /// Does something that blocks and is no question to the ledger, in turn with what is written to it.
  package func writeFile<Answer: Sendable>(
    _ body: @escaping @Sendable () throws -> Answer
  ) async throws -> Answer {
    try await writer.run { _ in try body() }
  }

  /// Ends the threads when what they do is done, within the time given: microseconds.
  package func close(within time: Int64) {
    readers.close()
    writer.close()
    let deadline = Clock.monotonicMicroseconds() + time
    _ = readers.waitUntilEnded(deadline)
    _ = writer.waitUntilEnded(deadline)
  }
}
