/// A line of a job's output as a person may see it: nothing in it steers the terminal. Tabs stay.
package enum ForeignLine {
  /// - Parameters:
  ///   - marked: ranges of the bytes, in order, that stand out.
  ///   - signs: what stands around them where there are no colours.
  package static func text(
    _ bytes: ArraySlice<UInt8>, marked: [Range<Int>] = [], as tone: Tone = .match,
    between signs: (String, String)? = nil, _ palette: Palette
  ) -> PrintableText {
    guard !marked.isEmpty, palette.isColored || signs != nil else { return printable(bytes) }
    var text: PrintableText = ""
    var place = 0
    for range in marked where range.lowerBound >= place && range.upperBound <= bytes.count {
      text += printable(bytes.dropFirst(place).prefix(range.lowerBound - place))
      let match = printable(bytes.dropFirst(range.lowerBound).prefix(range.count))
      if palette.isColored {
        let style = Palette.style(of: tone)
        text += PrintableText(verbatim: style.applied(to: match.text))
      } else if let signs {
        text += PrintableText(signs.0) + match + PrintableText(signs.1)
      }
      place = range.upperBound
    }
    return text + printable(bytes.dropFirst(place))
  }

  private static func printable(_ bytes: ArraySlice<UInt8>) -> PrintableText {
    let text = String(decoding: bytes, as: UTF8.self)
    guard bytes.contains(0x09) else { return PrintableText(text) }
    return PrintableText(
      verbatim: text.split(separator: "\t", omittingEmptySubsequences: false)
        .map { PrintableText.escaped(String($0)) }.joined(separator: "\t"))
  }
}
