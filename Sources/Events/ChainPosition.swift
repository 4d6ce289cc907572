/// A position of the ledger with the digest there: who keeps it elsewhere can prove later that nothing up to there was
/// rewritten. As text `DIGEST@SEQ`.
package struct ChainPosition: Equatable, Sendable, CustomStringConvertible {
  package let seq: Seq
  package let digest: Digest

  package init(seq: Seq, digest: Digest) {
    self.seq = seq
    self.digest = digest
  }

  /// Fails when the text is no position.
  package init?(_ text: String) {
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    guard parts.count == 2, let digest = Digest(hexadecimal: String(parts[0])),
      let seq = Int64(parts[1]).map({ Seq($0) }), seq >= .start
    else { return nil }
    self.init(seq: seq, digest: digest)
  }

  package var description: String { "\(digest)@\(seq)" }
}
