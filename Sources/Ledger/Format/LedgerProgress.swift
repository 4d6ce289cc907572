/// Progress of a long piece of work on a ledger.
package struct LedgerProgress: Sendable {
  /// Events.
  package var done: Int64 = 0
  /// The number of events; nil when it is not known.
  package var total: Int64?
  /// Bytes of output, uncompressed.
  package var bytes: Int64 = 0

  package init(done: Int64 = 0, total: Int64? = nil, bytes: Int64 = 0) {
    self.done = done
    self.total = total
    self.bytes = bytes
  }
}
