package import Events

/// Something in a ledger that is not as it has to be.
package struct LedgerProblem: Equatable, Sendable {
  package enum Kind: String, CaseIterable, Sendable {
    /// The file's own header, tables or triggers.
    case schema
    /// There is no event at these positions.
    case missing
    /// SQLite cannot read what is at these positions.
    case unreadable
    /// A column has what it cannot have.
    case malformed
    /// An event and its digest, or its predecessor's, do not fit.
    case digest
    /// The place within the instance.
    case instanceOrder = "instance_order"
    case transition
    /// Something follows the terminal event of its instance.
    case afterEnd = "after_end"
    /// The output bytes do not fit what the event says of them, or are not there.
    case payload
    /// Retention has dropped something else than its last event says.
    case retained
    /// Other events are noted as redacted than were said to be.
    case redacted
    /// Output that belongs to no event.
    case strayOutput = "stray_output"
    /// An event is not found by its instance and n.
    case index
    /// The read models are not what the events say.
    case projections
    /// The digest that was kept elsewhere is another.
    case against
    /// The notes in ledger.lock do not fit their checksum.
    case notes

    /// True when the events themselves cannot be trusted from there on.
    package var concernsEvents: Bool {
      switch self {
      case .missing, .unreadable, .malformed, .digest, .instanceOrder, .transition, .afterEnd: true
      case .schema, .payload, .retained, .redacted, .strayOutput, .index, .projections, .against,
        .notes:
        false
      }
    }
  }

  package let kind: Kind
  /// The first position; nil where it has none.
  package let seq: Seq?
  /// The last position, where there are several.
  package let lastSeq: Seq?
  /// For a person: what is wrong, without the position.
  package let text: String

  package init(_ kind: Kind, at seq: Seq? = nil, to lastSeq: Seq? = nil, _ text: String) {
    self.kind = kind
    self.seq = seq
    self.lastSeq = lastSeq == seq ? nil : lastSeq
    self.text = text
  }
}
