package import Documents
internal import Events

/// The thing that a waiting instance waits for, as people read it.
package struct WaitText {
  private let waiting: InstanceDocument.Waiting

  package init(_ waiting: InstanceDocument.Waiting) { self.waiting = waiting }

  /// In a few words, for a table.
  package var short: String {
    if let latch = waiting.latch { return "latch \(latch)" }
    if let until = waiting.until { return "until \(TimeFormat.local(until))" }
    if let group = waiting.executionGroup {
      return "behind \(waiting.aheadCount ?? 0) in \(group), limit \(waiting.limit ?? 1)"
    }
    guard let first = waiting.after.first else { return "about to start" }
    let others = waiting.after.count - 1
    return "after \(first)" + (others > 0 ? " and \(others) more" : "")
  }

  /// In a sentence or two.
  package var sentence: String {
    if let latch = waiting.latch {
      return "it waits until latch \(latch) is released"
    }
    if let until = waiting.until { return "it waits until \(TimeFormat.local(until))" }
    if let group = waiting.executionGroup { return place(in: group) }
    guard !waiting.after.isEmpty else {
      return "all it waited for have ended; it is about to start"
    }
    return
      "it waits until \(Self.list(waiting.after)) \(waiting.after.count == 1 ? "has" : "have") ended"
  }

  private func place(in group: String) -> String {
    guard let place = waiting.place, place > 0 else {
      return "a place in group \(group) is free; it is about to start"
    }
    let which = place == 1 ? "it is next" : "it is number \(place) in the queue"
    let names = waiting.ahead.map { "\($0.name) (\(condition($0)))" }
    let others = Int(clamping: waiting.aheadCount ?? 0) - names.count
    let more = others > 0 ? ["\(others) more"] : []
    return
      "it waits for a place in group \(group), of which \(waiting.limit ?? 1) may run at once; \(which), behind "
      + Self.list(names + more)
  }

  private func condition(_ ahead: InstanceDocument.Ahead) -> String {
    guard !ahead.state.isTerminal else { return "lost, but its command still runs" }
    return ahead.state.rawValue + (ahead.run.map { " for \(DurationText.short($0))" } ?? "")
  }

  private static func list(_ names: [String]) -> String {
    guard let last = names.last, names.count > 1 else { return names.first ?? "" }
    return names.dropLast().joined(separator: ", ") + " and " + last
  }
}
