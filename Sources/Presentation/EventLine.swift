package import Documents
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
    case .text:
      text(event.at, event.job, event.instance, event.kind, json: { event.json }) {
        "\(event.data)"
      }
    }
  }

  /// An event of another host, as text.
  package func text(_ event: EventDocument) -> PrintableText {
    text(event.at, event.job, event.instance, event.kind, json: { event.data }) {
      "\(event.data.text)"
    }
  }

  private func text(
    _ at: WallTime, _ job: String?, _ instance: InstanceID?, _ kind: EventKind,
    json: () -> JSON, _ data: () -> PrintableText
  ) -> PrintableText {
    "\(TimeFormat.local(at)) \(subject(job ?? "-", instance)) \(happening(kind, json, data))\n"
  }

  private func subject(_ job: String, _ instance: InstanceID?) -> PrintableText {
    guard let instance else { return PrintableText(job) }
    return palette.paint(job: job, instance: instance.text)
  }

  /// The reason that it ended so, where the state does not say it all.
  private func cause(_ state: InstanceState, _ json: () -> JSON) -> PrintableText {
    guard state.isTerminal, state != .completed else { return "" }
    let ending = Ending(json())
    let cause = ending.reason ?? ending.exitCode.map { "exit code \($0)" }
    return cause.map { " (\($0))" } ?? ""
  }

  private func happening(
    _ kind: EventKind, _ json: () -> JSON, _ data: () -> PrintableText
  ) -> PrintableText {
    if let state = kind.state {
      return "-> " + palette.paint(state.rawValue, .state(InstanceTable.tone(state)))
        + cause(state, json)
    }
    if case .breach(let breach) = kind {
      let run = json()["instance"]?.string.map { " by run \($0)" } ?? ""
      return "-> \(palette.paint(breach.rawValue.uppercased(), .state(.failure)))\(run)"
    }
    return "\(kind.name) \(data())"
  }
}
