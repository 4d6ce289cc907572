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

  package func line(_ event: Event) -> String {
    switch format {
    case .jsonl: EventDocument(event).json.text + "\n"
    case .text: "\(TimeFormat.local(event.at)) \(subject(event)) \(happening(event))\n"
    }
  }

  private func subject(_ event: Event) -> String {
    let job = PrintableText.escaped(event.job ?? "-")
    guard let instance = event.instance else { return job }
    return palette.paint(job: job, instance: instance.text)
  }

  private func happening(_ event: Event) -> String {
    if let state = event.kind.state {
      return "-> " + palette.paint(state.rawValue, .state(InstanceTable.tone(state)))
    }
    return "\(event.kind.name) \(PrintableText.escaped(event.data))"
  }
}
