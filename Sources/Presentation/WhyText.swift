package import Documents
package import Events

/// The reason why an instance is in its state, in a sentence.
package enum WhyText {
  /// - Parameter remedy: what lets those go on who wait for a latch.
  package static func line(
    _ instance: InstanceDocument, _ palette: Palette, now: WallTime,
    remedy: (_ latch: String) -> PrintableText
  ) -> PrintableText {
    let title = palette.paint(job: instance.job, instance: instance.instance.text)
    let state = palette.paint(instance.state.rawValue, .state(InstanceTable.tone(instance.state)))
    let words =
      instance.state.isTerminal
      ? "" : instance.waiting == nil && instance.run != nil ? "has been " : "is "
    return "\(title) \(words)\(state)\(explanation(instance, now, remedy)).\n"
  }

  private static func explanation(
    _ instance: InstanceDocument, _ now: WallTime, _ remedy: (String) -> PrintableText
  ) -> PrintableText {
    if let waiting = instance.waiting {
      let remedy = waiting.latch.map { ": \(remedy($0))" as PrintableText } ?? ""
      return ": \(WaitText(waiting).sentence)\(remedy)\(asked(instance, now))"
    }
    guard instance.state.isTerminal else {
      let time = instance.run.map { " for \(DurationText.short($0))" } ?? ""
      return "\(time)\(instance.pausedBy == nil ? "" : ", and paused")\(asked(instance, now))"
    }
    let when = " at \(TimeFormat.local(instance.endedAt))"
    guard let cause = InstanceTable.cause(instance) else { return PrintableText(when) }
    return "\(when): \(cause)"
  }

  /// Somebody wants its end, and it has not ended.
  private static func asked(_ instance: InstanceDocument, _ now: WallTime) -> PrintableText {
    guard let request = InstanceTable.pendingEnd(instance) ?? InstanceTable.vainEnd(instance) else {
      return ""
    }
    let ago = DurationText.short(max(0, now - request.at))
    let signal = "SIG\(request.signal)"
    let because = request.by.reason.map { ": \($0)" } ?? ""
    let asked = "; \(request.by.user) has asked it to end \(ago) ago (\(signal)\(because))"
    guard let error = request.error else { return "\(asked)" }
    return "\(asked), which has not reached it: \(error)"
  }
}
