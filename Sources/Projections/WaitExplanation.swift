internal import Events

/// What a waiting instance waits for, told to people: against who is live now, for what stood in its last event may have
/// ended since.
package struct WaitExplanation {
  private let record: InstanceRecord
  private let cause: WaitCause
  private let live: LiveInstances
  /// Microseconds since boot.
  private let bootNow: Int64

  /// Nil when the instance does not wait.
  package init?(_ record: InstanceRecord, _ live: LiveInstances, bootNow: Int64) {
    guard let cause = record.waitCause else { return nil }
    self.record = record
    self.cause = cause
    self.live = live
    self.bootNow = bootNow
  }

  /// Those ahead of it in its group, oldest first.
  private var ahead: [InstanceRecord] {
    guard let group = cause.group else { return [] }
    let orphans = live.orphans.filter(\.record.isOrphanRunning)
    return (orphans + live.all).filter { $0.isOf(group: group) }.map(\.record)
      .filter { $0.createdSeq < record.createdSeq }
      .sorted { $0.createdSeq < $1.createdSeq }
  }

  /// Of those it waits to end, the ones that have not.
  private var left: [String] {
    let names = Set(live.all.map(\.record.name))
    return cause.after.filter(names.contains)
  }

  /// In a few words, for a table. `time`: how a time is shown.
  package func short(time: (Int64) -> String) -> String {
    if let latch = cause.latch { return "latch \(latch)" }
    if let until = cause.until { return "until \(time(until))" }
    if let first = cause.after.first {
      let left = left
      return "after \(left.first ?? first)" + (left.count > 1 ? " and \(left.count - 1) more" : "")
    }
    guard let group = cause.group else { return "" }
    return "behind \(ahead.count) in \(group), limit \(cause.limit ?? 1)"
  }

  /// In a sentence or two.
  package func sentence(time: (Int64) -> String, duration: (Int64) -> String) -> String {
    if let latch = cause.latch {
      return "it waits until latch \(latch) is released: taro release \(latch)"
    }
    if let until = cause.until { return "it waits until \(time(until))" }
    if !cause.after.isEmpty {
      let left = left
      return left.isEmpty
        ? "all it waited for have ended; it is about to start"
        : "it waits until \(Self.list(left)) \(left.count == 1 ? "has" : "have") ended"
    }
    guard let group = cause.group else { return "it waits" }
    return place(group, duration)
  }

  private func place(_ group: String, _ duration: (Int64) -> String) -> String {
    let (limit, ahead) = (Int(clamping: cause.limit ?? 1), ahead)
    guard ahead.count >= limit else {
      return "a place in group \(group) is free; it is about to start"
    }
    // One of them has to end for each that is ahead beyond the places there are.
    let place = ahead.count - limit + 1
    let which = place == 1 ? "it is next" : "it is number \(place) in the queue"
    let names = ahead.prefix(10).map { "\($0.name) (\(condition($0, duration)))" }
    let more = ahead.count > 10 ? ["\(ahead.count - 10) more"] : []
    return
      "it waits for a place in group \(group), of which \(limit) may run at once; \(which), behind "
      + Self.list(names + more)
  }

  private func condition(_ record: InstanceRecord, _ duration: (Int64) -> String) -> String {
    guard !record.state.isTerminal else { return "lost, but its command still runs" }
    let time = record.runMicroseconds(bootNow: bootNow).map { " for \(duration($0))" } ?? ""
    return record.state.rawValue + time
  }

  private static func list(_ names: [String]) -> String {
    guard let last = names.last, names.count > 1 else { return names.first ?? "" }
    return names.dropLast().joined(separator: ", ") + " and " + last
  }
}
