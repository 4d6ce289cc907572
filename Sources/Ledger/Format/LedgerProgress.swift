/// How far a long piece of work on a ledger is.
package struct LedgerProgress: Sendable {
  /// Events.
  package var done: Int64 = 0
  /// Nil when it is not known.
  package var total: Int64?
  /// Of output, uncompressed.
  package var bytes: Int64 = 0

  package init(done: Int64 = 0, total: Int64? = nil, bytes: Int64 = 0) {
    self.done = done
    self.total = total
    self.bytes = bytes
  }
}
