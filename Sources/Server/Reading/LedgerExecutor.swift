internal import Events
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
  /// The most questions that wait. Where more come, somebody asks faster than the ledger answers, and is told so.
  private static let waitingLimit = 2048
  /// The time for which each writer waits for somebody who holds the append queue.
  private static let queueMilliseconds = 2000
  /// The time of waiting for a turn to write after which a request is not kept waiting for the queue as well;
  /// microseconds.
  private static let patience: Int64 = 4_000_000

  private let readers: WorkQueue<SessionKeeper>
  /// One thread for what takes long, so that it never takes readers from what is answered at once.
  private let searcher: WorkQueue<SessionKeeper>
  private let writer: WorkQueue<SessionKeeper>
  package let directory: LedgerDirectory

  /// - Throws: when there are no threads to have.
  package init(_ directory: LedgerDirectory, readers count: Int) throws {
    self.directory = directory
    readers = try WorkQueue(threads: count, limit: Self.waitingLimit) { SessionKeeper(directory) }
    searcher = try WorkQueue(threads: 1, limit: Self.waitingLimit) { SessionKeeper(directory) }
    writer = try WorkQueue(threads: 1, limit: Self.waitingLimit) {
      SessionKeeper(directory, queueMilliseconds: Self.queueMilliseconds)
    }
  }

  /// Asks the ledger; the session is nil while there is none. Keep it short: a reader that waits keeps others waiting.
  package func read<Answer: Sendable>(
    _ body: @escaping @Sendable (LedgerSession?) throws -> Answer
  ) async throws -> Answer {
    try await readers.run { try $0.use(body) }
  }

  /// Asks what takes long: who looks through much output does so piece by piece, in turn with others who do.
  package func search<Answer: Sendable>(
    _ body: @escaping @Sendable (LedgerSession?) throws -> Answer
  ) async throws -> Answer {
    try await searcher.run { try $0.use(body) }
  }

  /// Writes to the ledger, which is made where there is none; on disk when it returns, where `body` says so.
  /// - Throws: what `body` throws; `LedgerError.queueTimedOut` some seconds after it was asked at the latest, when others hold the
  ///   append queue.
  package func write<Answer: Sendable>(
    _ body: @escaping @Sendable (LedgerSession) throws -> Answer
  ) async throws -> Answer {
    try await inTurn { try $0.useMakingLedger(body) }
  }

  /// The same, where without a ledger there is nothing to be done: the session is nil then, and none is made.
  package func change<Answer: Sendable>(
    _ body: @escaping @Sendable (LedgerSession?) throws -> Answer
  ) async throws -> Answer {
    try await inTurn { try $0.use(body) }
  }

  private func inTurn<Answer: Sendable>(
    _ body: @escaping @Sendable (SessionKeeper) throws -> Answer
  ) async throws -> Answer {
    let deadline = MonotonicTime.now + Self.patience
    return try await writer.run { [directory] keeper in
      guard MonotonicTime.now < deadline else {
        throw LedgerError.queueTimedOut(
          path: directory.path, milliseconds: Int(Self.patience / 1000))
      }
      return try body(keeper)
    }
  }

  /// Does what nobody waits for, in turn with what is written; no ledger is made for it.
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
    searcher.close()
    writer.close()
    let deadline = MonotonicTime.now + time
    _ = readers.waitUntilEnded(deadline)
    _ = searcher.waitUntilEnded(deadline)
    _ = writer.waitUntilEnded(deadline)
  }
}
