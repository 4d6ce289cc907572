internal import CLinux
internal import Glibc

/// An address of IPv4 or IPv6.
package struct InternetAddress: Hashable, Sendable, CustomStringConvertible {
  package enum Family: Sendable { case v4, v6 }

  package let family: Family
  /// 4 or 16.
  package let bytes: [UInt8]

  package static let loopback4 = InternetAddress(family: .v4, bytes: [127, 0, 0, 1])
  package static let loopback6 = InternetAddress(
    family: .v6, bytes: [UInt8](repeating: 0, count: 15) + [1])
  package static let any4 = InternetAddress(family: .v4, bytes: [0, 0, 0, 0])
  package static let any6 = InternetAddress(
    family: .v6, bytes: [UInt8](repeating: 0, count: 16))

  private init(family: Family, bytes: [UInt8]) {
    self.family = family
    self.bytes = bytes
  }

  /// From `127.0.0.1` or `::1`; nil for whatever else, names too.
  package init?(_ text: String) {
    var bytes = [UInt8](repeating: 0, count: 16)
    if unsafe inet_pton(AF_INET, text, &bytes) == 1 {
      self.init(family: .v4, bytes: Array(bytes[..<4]))
    } else if unsafe inet_pton(AF_INET6, text, &bytes) == 1 {
      self.init(family: .v6, bytes: bytes)
    } else {
      return nil
    }
  }

  init?(_ name: clinux_socket_name) {
    let bytes = unsafe withUnsafeBytes(of: name.address) { unsafe Array($0) }
    switch name.family {
    case AF_INET: self.init(family: .v4, bytes: Array(bytes[..<4]))
    case AF_INET6: self.init(family: .v6, bytes: bytes)
    default: return nil
    }
  }

  /// The address of IPv4 that has the form of IPv6 (RFC 4291, 2.5.5.2), as IPv4; any other as it is.
  package var unmapped: InternetAddress {
    guard family == .v6, bytes.prefix(12) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255] else {
      return self
    }
    return InternetAddress(family: .v4, bytes: Array(bytes.suffix(4)))
  }

  package var isLoopback: Bool {
    let address = unmapped
    return address.family == .v4 ? address.bytes.first == 127 : address == .loopback6
  }

  package var description: String {
    var text = [CChar](repeating: 0, count: 64)
    let family = family == .v4 ? AF_INET : AF_INET6
    guard unsafe inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil else { return "" }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

/// An address with a port.
package struct InternetEndpoint: Hashable, Sendable, CustomStringConvertible {
  package let address: InternetAddress
  package let port: UInt16

  package init(_ address: InternetAddress, port: UInt16) {
    self.address = address
    self.port = port
  }

  var name: clinux_socket_name {
    var name = clinux_socket_name()
    name.family = address.family == .v4 ? AF_INET : AF_INET6
    name.port = port
    unsafe withUnsafeMutableBytes(of: &name.address) { unsafe $0.copyBytes(from: address.bytes) }
    return name
  }

  package var description: String {
    address.family == .v4 ? "\(address):\(port)" : "[\(address)]:\(port)"
  }
}
