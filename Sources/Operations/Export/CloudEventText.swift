internal import Documents
internal import Events

/// An event as CloudEvents 1.0 has it in JSON (cloudevents.io).
struct CloudEventText {
  private let source: String

  init(host: String, ledgerID: String) {
    source = "urn:taro:\(Self.escaped(host)):\(Self.escaped(ledgerID))"
  }

  func json(_ event: Event) -> JSON {
    .object(omittingNil: [
      ("specversion", "1.0"), ("id", .string(String(event.seq.number))),
      ("source", .string(source)),
      ("type", .string("dev.taro.\(event.kind.name)")),
      ("subject", event.instance.map { .string("\(event.job ?? "")@\($0)") }),
      ("time", .string(Timestamp.rfc3339(event.at))), ("datacontenttype", "application/json"),
      ("data", EventDocument(event).json),
    ])
  }

  /// Escapes what may not stand in a URN (RFC 8141).
  private static func escaped(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF".unicodeScalars)
    var result = String.UnicodeScalarView()
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"):
        result.append(Unicode.Scalar(byte))
      default: result.append(contentsOf: ["%", digits[Int(byte >> 4)], digits[Int(byte & 15)]])
      }
    }
    return String(result)
  }
}
