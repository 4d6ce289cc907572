package import Events

/// The position in an instance up to which events stand in one ledger. In another ledger it says nothing.
package struct RecordedPosition: Equatable, Sendable {
  package let ledger: String
  package let n: Int64

  package init(ledger: String, n: Int64) { (self.ledger, self.n) = (ledger, n) }

  /// Reads it; nil where it is not told.
  package init?(_ json: JSON) {
    guard let ledger = json["ledger"]?.string, let n = json["n"]?.integer, n >= 0 else {
      return nil
    }
    self.init(ledger: ledger, n: n)
  }
}
