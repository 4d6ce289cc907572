package import Documents
internal import Events

/// The reason why an instance is in its state, in a sentence.
package enum WhyText {
  /// - Parameter remedy: what lets those go on who wait for a latch.
  package static func line(
    _ instance: InstanceDocument, _ palette: Palette, remedy: (_ latch: String) -> PrintableText
  ) -> PrintableText {
    let title = palette.paint(job: instance.job, instance: instance.instance.text)
    let state = palette.paint(instance.state.rawValue, .state(InstanceTable.tone(instance.state)))
    return "\(title) is \(state)\(explanation(instance, remedy)).\n"
  }

  private static func explanation(
    _ instance: InstanceDocument, _ remedy: (String) -> PrintableText
  ) -> PrintableText {
    if let waiting = instance.waiting {
      let remedy = waiting.latch.map { ": \(remedy($0))" as PrintableText } ?? ""
      return ": \(WaitText(waiting).sentence)\(remedy)"
    }
    guard instance.state.isTerminal else {
      let time = instance.run.map { " for \(DurationText.short($0))" } ?? ""
      return "\(time)\(instance.pausedBy == nil ? "" : ", and paused")"
    }
    let when = " since \(TimeFormat.local(instance.endedAt))"
    guard let cause = InstanceTable.cause(instance) else { return PrintableText(when) }
    return "\(when): \(cause)"
  }
}
