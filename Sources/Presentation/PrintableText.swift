internal import Linux

/// Text that may be printed as it is: what others chose in it has been made safe for one line or table cell.
///
/// Written as a literal it is what the program itself says; what stands in `\( )` there is escaped, unless it is printable
/// already. So nothing that a job or a user made reaches a terminal as it was.
package struct PrintableText: Equatable, Sendable, CustomStringConvertible {
  package private(set) var text: String

  /// Escapes what others chose.
  package init(_ foreign: String) { text = EscapedText.of(foreign) }

  /// Text of ours, or made printable elsewhere, colours and line ends included.
  package init(verbatim text: String) { self.text = text }

  package var description: String { text }

  package static func + (one: PrintableText, other: PrintableText) -> PrintableText {
    PrintableText(verbatim: one.text + other.text)
  }

  package static func += (one: inout PrintableText, other: PrintableText) {
    one.text += other.text
  }

  /// Escapes what others chose, as a part of a line that is escaped as a whole later.
  package static func escaped(_ text: String) -> String { EscapedText.of(text) }
}

extension PrintableText: ExpressibleByStringInterpolation {
  package init(stringLiteral value: String) { text = value }

  package init(stringInterpolation: StringInterpolation) { text = stringInterpolation.text }

  package struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    package init(literalCapacity: Int, interpolationCount: Int) {
      text.reserveCapacity(literalCapacity + interpolationCount * 16)
    }

    package mutating func appendLiteral(_ literal: String) { text += literal }

    package mutating func appendInterpolation(_ printable: PrintableText) {
      text += printable.text
    }

    package mutating func appendInterpolation(_ foreign: String) {
      text += EscapedText.of(foreign)
    }

    package mutating func appendInterpolation(_ value: some CustomStringConvertible) {
      text += EscapedText.of(value.description)
    }
  }
}

/// Whatever takes printable text, and nothing else.
package protocol PrintableOutput {
  mutating func write(_ text: PrintableText)
}

extension PrintableText: PrintableOutput {
  package mutating func write(_ text: PrintableText) { self += text }
}
