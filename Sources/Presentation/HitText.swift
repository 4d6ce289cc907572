internal import Documents
package import Events

/// Headings and places of the lines that a search has found.
package struct HitText {
  private let palette: Palette

  package init(_ palette: Palette) { self.palette = palette }

  /// `backup@06h0d7hkjsz7a4h4  2026-11-23 04:16:00.918  FAILED`
  package func heading(
    job: String, instance: InstanceID, state: InstanceState, createdAt: WallTime
  ) -> PrintableText {
    let state = palette.paint(state.rawValue, .state(InstanceTable.tone(state)))
    return palette.paint(job: job, instance: instance.text)
      + "  \(TimeFormat.local(createdAt))  \(state)\n"
  }

  /// The place before a line below its heading: `2026-11-23 04:16:01.335 stderr: `, with a hyphen where it is there for
  /// the lines around it.
  package func place(_ stream: OutputStream, at: WallTime, isHit: Bool) -> PrintableText {
    "\(TimeFormat.local(at)) \(stream.name)\(isHit ? ":" : "-") "
  }

  /// The same without a heading.
  package func place(
    job: String, instance: InstanceID, _ stream: OutputStream, at: WallTime, isHit: Bool
  ) -> PrintableText {
    palette.paint(job: job, instance: instance.text) + " "
      + place(stream, at: at, isHit: isHit)
  }

  /// `backup@06h0d7hkjsz7a4h4: 12`, without a number where only the first line was looked for.
  package func summary(job: String, instance: InstanceID, lines: Int64?) -> PrintableText {
    palette.paint(job: job, instance: instance.text) + (lines.map { ": \($0)\n" } ?? "\n")
  }

  private static let shownBytes = 4096

  /// A line for a terminal, with its end; of a long one the piece that has the first match.
  /// - Parameter isCut: only a piece of it is here already.
  package func line(
    _ bytes: ArraySlice<UInt8>, _ matches: [Range<Int>], isCut: Bool
  ) -> PrintableText {
    let piece = LineExcerpt(of: bytes.count, matches, atMost: Self.shownBytes)
    let shown = bytes.dropFirst(piece.bytes.lowerBound).prefix(piece.bytes.count)
    let text = ForeignLine.text(shown, marked: piece.matches, palette)
    return text + (isCut || piece.isCut ? " ...\n" : "\n")
  }
}
