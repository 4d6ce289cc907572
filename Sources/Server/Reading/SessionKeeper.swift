internal import Events
internal import Ledger
internal import Linux
internal import Operations

/// A thread's session, opened when there is a ledger, and opened anew when another stands at its name.
final class SessionKeeper {
  /// The interval of looks for files that somebody has removed while they were open; microseconds.
  private static let lookInterval: Int64 = 1_000_000

  private let directory: LedgerDirectory
  /// The time for which others are waited for that hold the append queue.
  private let queueMilliseconds: Int
  private var session: LedgerSession?
  private var files: [UInt64]?
  private var lookedAt = MonotonicTime.zero

  init(
    _ directory: LedgerDirectory, queueMilliseconds: Int = LedgerSession.queueMilliseconds
  ) {
    self.directory = directory
    self.queueMilliseconds = queueMilliseconds
  }

  func use<Answer>(_ body: (LedgerSession?) throws -> Answer) throws -> Answer {
    do {
      return try body(try current())
    } catch {
      // The next question opens the ledger anew, and finds out whatever is wrong with it.
      if error is LedgerError { session = nil }
      throw error
    }
  }

  func useMakingLedger<Answer>(_ body: (LedgerSession) throws -> Answer) throws -> Answer {
    if try current() == nil {
      _ = try LedgerWriter(directory, queueMilliseconds: queueMilliseconds)
    }
    return try use { session in
      guard let session else { throw LedgerError.missing(path: directory.path) }
      return try body(session)
    }
  }

  private func current() throws(LedgerError) -> LedgerSession? {
    guard let session else { return try open() }
    if try session.followReplacement() {
      files = session.reader.filesOfWriters
      return session
    }
    let now = MonotonicTime.now
    guard now - lookedAt > Self.lookInterval else { return session }
    lookedAt = now
    guard session.reader.isAtItsName else {
      self.session = nil
      return try open()
    }
    let found = session.reader.filesOfWriters
    if found != files {
      try session.followFiles()
      files = found
    }
    return session
  }

  private func open() throws(LedgerError) -> LedgerSession? {
    do throws(LedgerError) {
      let opened = try LedgerSession(directory, queueMilliseconds: queueMilliseconds)
      session = opened
      files = opened.reader.filesOfWriters
      lookedAt = .now
      return opened
    } catch {
      guard case .missing = error else { throw error }
      return nil
    }
  }
}
