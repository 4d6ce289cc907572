package import Events
package import Ledger

/// The findings of a `LedgerVerification`.
package struct VerificationReport: Sendable {
  package internal(set) var ledgerID = ""
  /// The last event that was read, with its digest as stored; nil in a ledger whose id cannot be read.
  package internal(set) var head: ChainPosition?
  /// Events that could be read.
  package internal(set) var events: Int64 = 0
  package internal(set) var chunks: Int64 = 0
  /// Bytes of output, uncompressed.
  package internal(set) var bytes: Int64 = 0
  /// Positions whose events retention has dropped.
  package internal(set) var dropped: Int64 = 0
  /// Pieces of output that retention has dropped while their events are still there.
  package internal(set) var droppedChunks: Int64 = 0
  /// Events whose contents were redacted, and are what was put there instead.
  package internal(set) var redacted: Int64 = 0
  /// The event whose digest was kept elsewhere has been dropped: nothing can be said of it.
  package internal(set) var keptIsDropped = false
  /// The events that a power cut took before anybody had been told that they were on disk: that is no damage.
  package internal(set) var powerCut: MissingEvents?
  /// Events after the first bad one that fit the digest before them.
  package internal(set) var fittingBehind: Int64 = 0
  /// Payloads that do not fit or cannot be read.
  package internal(set) var badPayloads: Int64 = 0
  /// In the order in which they were found, which is that of positions where they have one; up to a limit.
  package internal(set) var problems: [LedgerProblem] = []
  package internal(set) var problemCount: Int64 = 0
  /// The events up to here are as they were written, and nothing is missing among them.
  package internal(set) var trustworthyUpTo = Seq.start
  package internal(set) var microseconds: Int64 = 0

  package var isGood: Bool { problemCount == 0 }

  /// Adds what is wrong beside the ledger's own file.
  package mutating func add(_ found: [LedgerProblem]) {
    problems += found
    problemCount += Int64(found.count)
  }
}
