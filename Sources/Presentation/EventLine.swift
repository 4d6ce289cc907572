internal import Documents
package import Events

/// Events as lines: what `listen` and `wait` print.
package struct EventLine {
  package enum Format { case text, jsonl }

  package let format: Format
  package let palette: Palette

  package init(format: Format, palette: Palette) {
    self.format = format
    self.palette = palette
  }

  package func line(_ event: Event) -> PrintableText {
    switch format {
    case .jsonl: PrintableText(verbatim: EventDocument(event).json.text + "\n")
    case .text: "\(TimeFormat.local(event.at)) \(subject(event)) \(happening(event))\n"
    }
  }

  private func subject(_ event: Event) -> PrintableText {
    let job = event.job ?? "-"
    guard let instance = event.instance else { return PrintableText(job) }
    return palette.paint(job: job, instance: instance.text)
  }

  private func happening(_ event: Event) -> PrintableText {
    if let state = event.kind.state {
      return "-> " + palette.paint(state.rawValue, .state(InstanceTable.tone(state)))
    }
    return "\(event.kind.name) \(event.data)"
  }
}
