internal import Linux

/// Text that others chose, made safe for one line or table cell.
package enum PrintableText {
  package static func escaped(_ text: String) -> String { EscapedText.of(text) }
}
