internal import Linux

/// The place where `ssh` reaches a host: `[user@]host[:port]`.
///
/// It is checked before anything is started: no part of it can be an option, a second word or a command, wherever it
/// stands, and none holds what a terminal acts on.
package struct SSHAddress: Hashable, Sendable {
  package var user: String?
  /// A name, an alias of `~/.ssh/config` or an address, without brackets.
  package var host: String
  package var port: UInt16?

  /// The reason why a text is no place of a host.
  package struct Refusal: Error, Equatable, Sendable, CustomStringConvertible {
    package let text: String
    package let reason: String

    package var description: String { "host \"\(EscapedText.of(text))\": \(reason)" }
  }

  package init(_ text: String) throws(Refusal) {
    func refuse(_ reason: String) -> Refusal { Refusal(text: text, reason: reason) }
    guard text.utf8.count <= Self.longest else { throw refuse("it is too long to be a name") }
    var rest = text[...]
    if let at = rest.lastIndex(of: "@") {
      let user = rest[..<at]
      if let reason = Self.fault(user, "a user's name", allowing: "._-+") { throw refuse(reason) }
      self.user = String(user)
      rest = rest[rest.index(after: at)...]
    }
    if rest.first == "[" {
      guard let bracket = rest.firstIndex(of: "]") else { throw refuse("a ] is missing") }
      host = String(rest[rest.index(after: rest.startIndex)..<bracket])
      if let reason = Self.fault(host[...], "an address of IPv6", allowing: ":.%_-") {
        throw refuse(reason)
      }
      rest = rest[rest.index(after: bracket)...]
      guard rest.isEmpty || rest.first == ":" else { throw refuse("a colon follows the ]") }
    } else {
      guard rest.count(where: { $0 == ":" }) < 2 else {
        throw refuse("an address of IPv6 stands in brackets: [::1]:22")
      }
      host = String(rest.prefix { $0 != ":" })
      if let reason = Self.fault(host[...], "a host's name", allowing: "._-") {
        throw refuse(reason)
      }
      rest = rest.dropFirst(host.count)
    }
    guard rest.first == ":" else { return }
    guard let port = UInt16(rest.dropFirst()), port > 0,
      rest.dropFirst().utf8.allSatisfy({ (0x30...0x39).contains($0) })
    else {
      throw refuse("a port is a number from 1 to 65535")
    }
    self.port = port
  }

  private static let longest = 255

  /// Returns what is wrong with a part; nil where nothing is.
  private static func fault(
    _ part: Substring, _ what: String, allowing marks: String
  ) -> String? {
    guard let first = part.first else { return "\(what) is missing" }
    if first == "-" { return "\(what) does not begin with a dash: it would be an option" }
    let strange = part.unicodeScalars.first { scalar in
      !("a"..."z").contains(scalar) && !("A"..."Z").contains(scalar)
        && !("0"..."9").contains(scalar) && !marks.unicodeScalars.contains(scalar)
    }
    return strange.map { "\(what) has no \"\(EscapedText.of(String(Character($0))))\"" }
  }

  /// The address as it is asked for.
  package var description: String {
    let shown = host.contains(":") ? "[\(host)]" : host
    return (user.map { "\($0)@" } ?? "") + shown + (port.map { ":\($0)" } ?? "")
  }
}
