package import Linux

/// An address to listen on, as a person says it: `127.0.0.1:8000`, `[::1]`, `localhost`, `all:80`.
package struct ListenAddress: Equatable, Sendable {
  package let addresses: [InternetAddress]
  /// The port; nil where none was named.
  package let port: UInt16?

  package struct Refused: Error, Sendable {
    package let text: String
    package let reason: String
  }

  package init(_ text: String) throws(Refused) {
    var host = text[...]
    var port: Substring?
    if text.hasPrefix("[") {
      guard let end = text.firstIndex(of: "]") else {
        throw Refused(text: text, reason: "a bracket has no end")
      }
      host = text[text.index(after: text.startIndex)..<end]
      let rest = text[text.index(after: end)...]
      if rest.hasPrefix(":") {
        port = rest.dropFirst()
      } else if !rest.isEmpty {
        throw Refused(text: text, reason: "only a port may follow the bracket")
      }
      guard InternetAddress(String(host))?.family == .v6 else {
        throw Refused(text: text, reason: "what is in brackets is no address of IPv6")
      }
    } else if text.filter({ $0 == ":" }).count == 1, let colon = text.firstIndex(of: ":") {
      host = text[..<colon]
      port = text[text.index(after: colon)...]
    }
    addresses = try Self.addresses(String(host), text)
    self.port = try port.map { digits throws(Refused) in
      guard let number = UInt16(digits) else {
        throw Refused(text: text, reason: "the port is no number up to 65535")
      }
      return number
    }
  }

  private static func addresses(
    _ host: String, _ text: String
  ) throws(Refused) -> [InternetAddress] {
    switch host {
    case "localhost": return [.loopback4, .loopback6]
    case "all": return [.any4, .any6]
    default:
      guard let address = InternetAddress(host) else {
        throw Refused(
          text: text,
          reason: "it is neither an address, as 127.0.0.1 or [::1], nor localhost, nor all")
      }
      return [address]
    }
  }
}
