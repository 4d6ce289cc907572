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
}
