/// A ledger has got a new id: the data of an `identified` event. Cursors of the old id are of another ledger from here on.
package struct Identified: Equatable, Sendable {
  package enum Cause: String, Sendable, CaseIterable {
    /// The file is another one: a copy, or one that was put back.
    case otherFile = "other_file"
    case otherMachine = "other_machine"
    /// Events that had been appended are not there any more: an older state was put back, or a power cut took those
    /// that were not on disk yet.
    case wentBack = "went_back"
    /// A later taro wrote a reason that this one does not know.
    case unknown
  }

  package var from: String
  package var to: String
  package var cause: Cause
  package var by: Requester

  package init(from: String, to: String, cause: Cause, by: Requester) {
    self.from = from
    self.to = to
    self.cause = cause
    self.by = by
  }

  package init(_ json: JSON) {
    from = json["from"]?.string ?? ""
    to = json["to"]?.string ?? ""
    cause = json["cause"]?.string.flatMap(Cause.init) ?? .unknown
    by = Requester(json)
  }

  package var json: JSON {
    .object(
      omittingNil: [
        ("from", .string(from)), ("to", .string(to)), ("cause", .string(cause.rawValue)),
      ] + by.members)
  }
}
