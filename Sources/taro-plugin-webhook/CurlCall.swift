internal import Linux
internal import PluginSupport

/// A request over HTTP by the system's curl. Whatever is secret comes to it on stdin, never as an argument, and nothing that curl
/// says is passed on: it may name the address.
struct CurlCall {
  var url: String
  var fields: [(name: String, value: String)] = []
  var body: String
  /// Seconds until it is given up.
  var timeout: Int

  /// The answer of a server.
  struct Answer {
    let status: Int
    let body: String
  }

  /// The reason why there is no answer; it holds no secret.
  struct Failure: Error, Equatable, CustomStringConvertible { let description: String }

  /// Bytes of an answer that are looked at.
  private static let limit = 64 << 10
  /// Larger bodies are refused: curl takes no longer lines.
  static let largestBody = 40_000
  private static let mark = "\ntaro-status "

  func run() throws -> Answer {
    let (code, bytes) = try PluginCommand(["curl", "-q", "-K", "-"]).output(
      input: Array(configuration.utf8), limit: Self.limit)
    let text = String(decoding: bytes, as: UTF8.self)
    guard code == 0 else { throw Failure(description: Self.reason(code)) }
    // Written by curl behind whatever the server has said.
    guard let range = text.ranges(of: Self.mark).last,
      let status = Int(text[range.upperBound...].prefix { $0 != "\n" })
    else { throw Failure(description: "the answer is too long") }
    return Answer(status: status, body: String(text[..<range.lowerBound]))
  }

  /// One option a line, as curl(1) reads them.
  private var configuration: String {
    var lines = [
      "url = \(Self.quoted(url))", "request = \"POST\"", "data-raw = \(Self.quoted(body))",
      "silent", "globoff", "proto = \"=http,https\"", "max-redirs = 0", "http1.1",
      "connect-timeout = \(timeout)", "max-time = \(timeout)",
      // Of a server that says so; of others the time and the limit on files end it.
      "max-filesize = \(Self.limit)",
      "write-out = \(Self.quoted(Self.mark + "%{http_code}\n"))",
      "header = \"Expect:\"", "header = \"User-Agent: taro\"",
    ]
    for field in fields { lines.append("header = \(Self.quoted("\(field.name): \(field.value)"))") }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\r": quoted += "\\r"
      case "\t": quoted += "\\t"
      // C ends a text there, and curl a line at others.
      case "\0": quoted += "\u{fffd}"
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }

  /// curl(1), EXIT CODES.
  private static func reason(_ code: Int32) -> String {
    switch code {
    case 3: "the address is none"
    case 1: "the address is neither http nor https"
    case 5, 6: "the name of the server is not known"
    case 7: "no connection to the server"
    case 18: "the answer has ended before its end"
    case 28: "no answer in time"
    case 35, 51, 58, 59, 60, 66, 77, 83, 90, 91: "no secure connection to the server"
    case 47: "the server asks to go elsewhere"
    case 52: "the server has said nothing"
    case 55, 56: "the connection has broken"
    case 23, 63, 141: "the answer is too long"
    default: "curl: exit code \(code)"
    }
  }
}
