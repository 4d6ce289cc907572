internal import Linux

/// The place where a server of a host's ledger is reached: `http://` or `https://`, a host, a port, a path.
package struct RESTAddress: Hashable, Sendable {
  /// Without a slash at its end.
  package let url: String
  /// The file that has the token; nil where none is needed.
  package var tokenFile: String?
  /// The file with the certificates that are trusted, in place of the system's.
  package var authorities: String?

  package init(_ text: String) throws(SSHAddress.Refusal) {
    func refuse(_ reason: String) -> SSHAddress.Refusal {
      SSHAddress.Refusal(text: text, reason: reason)
    }
    guard let scheme = ["http://", "https://"].first(where: text.hasPrefix) else {
      throw refuse("a url begins with https:// or http://")
    }
    let rest = text.dropFirst(scheme.count)
    guard text.utf8.count <= 2000, !rest.isEmpty, rest.first != "/" else {
      throw refuse("the url has no host")
    }
    guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }),
      !text.contains(where: { "\"'`\\<>{}|^?#*$;&".contains($0) })
    else { throw refuse("a url has no blanks, quotes, ? and the like") }
    guard !rest.prefix(while: { $0 != "/" }).contains("@") else {
      throw refuse("a url has no user: a token is named by token_file")
    }
    // curl(1) takes [1-3] for three urls unless it is told not to.
    guard !Self.withoutLiteral(rest).contains(where: { "[]".contains($0) }) else {
      throw refuse("brackets are for an address of IPv6")
    }
    url = text.hasSuffix("/") ? String(text.dropLast()) : text
  }

  /// Returns what follows an address of IPv6 in brackets, all where there is none.
  private static func withoutLiteral(_ rest: Substring) -> Substring {
    guard rest.first == "[", let end = rest.firstIndex(of: "]") else { return rest }
    let address = rest[rest.index(after: rest.startIndex)..<end]
    guard address.contains(":"), address.allSatisfy({ $0.isHexDigit || ":.%".contains($0) }) else {
      return rest
    }
    return rest[rest.index(after: end)...]
  }
}
