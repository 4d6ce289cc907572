/// A damaged ledger that was put aside: the data of a `sealed` event, the first of the ledger that was begun instead.
package struct SealedLedger: Equatable, Sendable {
  /// The name of its file, in the directory where it was.
  package var file: String
  /// Its id; "" when that cannot be read.
  package var ledgerID: String
  /// The last event up to which every one was there and fitted its digest; nil when the first does not.
  package var lastGood: ChainPosition?
  /// False when reading it all would have taken too long: more may be good than `lastGood` says.
  package var isReadWholly: Bool
  package var reason: String
  package var by: Requester
  /// The part of it that the new ledger begins with, where that could be read in time; the new ledger says so itself.
  package var recovered: Recovered?

  package init(
    file: String, ledgerID: String, lastGood: ChainPosition?, isReadWholly: Bool, reason: String,
    by: Requester
  ) {
    self.file = file
    self.ledgerID = ledgerID
    self.lastGood = lastGood
    self.isReadWholly = isReadWholly
    self.reason = reason
    self.by = by
  }

  package init(_ json: JSON) {
    file = json["file"]?.string ?? ""
    ledgerID = json["ledger_id"]?.string ?? ""
    lastGood = json["last_good"]?.string.flatMap { ChainPosition($0) }
    isReadWholly = !(json["read_partly"]?.bool ?? false)
    reason = json["damage"]?.string ?? ""
    by = Requester(json)
  }

  /// The ledger that `recovered` was brought over from.
  package init(_ recovered: Recovered) {
    self.init(
      file: recovered.file, ledgerID: recovered.ledgerID, lastGood: recovered.lastGood,
      isReadWholly: true, reason: recovered.reason ?? "", by: recovered.by)
    self.recovered = recovered
  }

  package var json: JSON {
    .object(
      omittingNil: [
        ("file", .string(file)), ("ledger_id", .string(ledgerID)),
        ("last_good", lastGood.map { .string($0.description) }),
        ("read_partly", isReadWholly ? nil : true), ("damage", .string(reason)),
      ] + by.members)
  }
}
