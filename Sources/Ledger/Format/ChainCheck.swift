package import Events

/// Follows the chain of digests from event to event, and takes it up again behind one that does not fit.
package struct ChainCheck {
  package enum Verdict: Equatable {
    case fits
    /// And shows that what the one before it tells is right, and only the digest there is not.
    case fitsContentBefore
    case doesNotFit
    /// Its predecessor is not there to prove it.
    case unproven
  }

  /// The digest that stands at the predecessor; nil when it is not known.
  private var stored: Digest?
  /// The digest that the predecessor's content demands, where that is something else.
  private var demanded: Digest?

  /// - Parameter genesis: nil when the ledger's id cannot be read.
  package init(genesis: Digest?) { stored = genesis }

  package mutating func take(_ event: StoredEvent) -> Verdict {
    let afterStored = stored.map { event.digest(after: $0) }
    let afterDemanded = demanded.map { event.digest(after: $0) }
    stored = event.digest
    demanded = nil
    guard let expected = afterStored ?? afterDemanded else { return .unproven }
    if let digest = event.digest {
      if digest == afterStored { return .fits }
      if digest == afterDemanded { return .fitsContentBefore }
    }
    demanded = expected
    return .doesNotFit
  }

  /// Goes on behind a gap: retention dropped the events between the last one and the next, and the last dropped event
  /// had this digest.
  package mutating func resume(after digest: Digest) {
    stored = digest
    demanded = nil
  }

  /// Something between the last event and the next is not there.
  package mutating func skip() {
    stored = nil
    demanded = nil
  }
}
