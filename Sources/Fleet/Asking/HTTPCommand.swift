/// The call of `curl` for a host that is asked over HTTP. Its own configuration is left out: the host file says all.
struct HTTPCommand {
  var method = "GET"
  /// Below the server's address, with its query.
  var target: String
  var fields: [String] = []
  var body: String?
  /// Microseconds; nil: it may take as long as it wants.
  var timeout: Int64?
  var connectTimeout: Int64

  /// The words of the call. The token is no word of it, where others of this host could read it: it comes on stdin.
  func words(_ address: RESTAddress) -> [[UInt8]] {
    var words = [
      "curl", "-q", "-sS", "--globoff", "--no-buffer", "--include", "--http1.1", "--proto",
      "=http,https", "--connect-timeout", Self.seconds(connectTimeout), "-X", method, "-H", "@-",
      "-H", "Expect:",
    ]
    for field in fields { words += ["-H", field] }
    if let timeout { words += ["--max-time", Self.seconds(timeout)] }
    if let authorities = address.authorities { words += ["--cacert", authorities] }
    if let body { words += ["-H", "Content-Type: application/json", "--data-raw", body] }
    words += ["--url", address.url + target]
    return words.map { Array($0.utf8) }
  }

  private static func seconds(_ microseconds: Int64) -> String {
    let milliseconds = max(1, microseconds / 1000)
    let rest = String(milliseconds % 1000)
    return "\(milliseconds / 1000)." + String(repeating: "0", count: 3 - rest.count) + rest
  }

  /// A part of a path or a query, percent-encoded (RFC 3986, 2.3).
  static func encoded(_ text: String) -> String {
    var result = ""
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"):
        result.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        result += "%" + (digits.utf8.count == 1 ? "0" : "") + digits
      }
    }
    return result
  }

  /// A query of these parameters, with its question mark.
  static func query(_ parameters: [(String, String?)]) -> String {
    let parts = parameters.map { name, value in value.map { "\(name)=\(encoded($0))" } ?? name }
    return parts.isEmpty ? "" : "?" + parts.joined(separator: "&")
  }
}
