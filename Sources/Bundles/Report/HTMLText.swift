internal import Linux

/// Text as it stands in HTML: what others chose is text there, whatever it holds.
enum HTMLText {
  static func of(_ text: String) -> String {
    var html = ""
    append(text, to: &html)
    return html
  }

  static func append(_ text: some StringProtocol, to html: inout String) {
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": html += "&amp;"
      case "<": html += "&lt;"
      case ">": html += "&gt;"
      case "\"": html += "&quot;"
      case "'": html += "&#39;"
      case "\n", "\t": html.unicodeScalars.append(scalar)
      default:
        guard EscapedText.acts(scalar) else {
          html.unicodeScalars.append(scalar)
          continue
        }
        append(control: scalar.value, to: &html)
      }
    }
  }

  /// Unicode has a picture of each control character below 0x20.
  private static func append(control value: UInt32, to html: inout String) {
    let picture = value == 0x7f ? 0x2421 : value < 0x20 ? 0x2400 + value : nil
    if let picture, let scalar = Unicode.Scalar(picture) {
      html += "<i>"
      html.unicodeScalars.append(scalar)
      html += "</i>"
    } else {
      html += "<i>U+\(String(value, radix: 16, uppercase: true))</i>"
    }
  }
}
