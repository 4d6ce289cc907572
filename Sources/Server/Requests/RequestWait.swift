internal import Events
internal import Ledger
internal import Operations

/// Waits until what was asked of an instance has happened, as the feed tells it.
struct RequestWait: Sendable {
  enum Outcome: Equatable, Sendable {
    case happened
    /// The instance has ended otherwise, or its events are gone.
    case cannotHappen
    /// The kernel's reason.
    case notDelivered(String)
    case notYet
  }

  let wish: InstanceRequest
  let taken: InstanceAsking.Taken
  /// The time for which to wait, microseconds.
  let time: Int64

  /// - Throws: what reading the ledger throws.
  func run(_ services: Services) async throws -> Outcome {
    guard var position = taken.n else { return .notYet }
    let instance = taken.instance
    let deadline = ContinuousClock.now + .microseconds(time)
    let listener = services.feed.listen()
    defer { listener.stop() }
    let timer = Task {
      try await Task.sleep(until: deadline)
      listener.wake()
    }
    defer { timer.cancel() }
    while ContinuousClock.now < deadline, !services.feed.isEnding {
      var events: [Event] = []
      switch try await listener.next() {
      case .quiet: continue
      case .events(let told, _): events = told
      case .behind:
        let known = position
        events = try await services.executor.read { session in
          try session?.reader.events(of: instance, after: known, limit: .max) ?? []
        }
      }
      for event in events {
        if event.droppedInstances.contains(instance) { return .cannotHappen }
        guard event.instance == instance, let n = event.n, n > position else { continue }
        position = n
        if let outcome = outcome(event) { return outcome }
      }
    }
    return .notYet
  }

  private func outcome(_ event: Event) -> Outcome? {
    if event.kind == .undelivered {
      let undelivered = Undelivered(event.json)
      // Another client may have asked the same.
      return undelivered.request.by == taken.by ? .notDelivered(undelivered.error) : nil
    }
    switch wish {
    case .pause:
      if event.kind == .paused { return .happened }
      return event.kind.isTerminal ? .cannotHappen : nil
    case .resume:
      if event.kind == .resumed { return .happened }
      return event.kind.isTerminal ? .cannotHappen : nil
    case .stop, .interrupt, .signal: return event.kind.isTerminal ? .happened : nil
    }
  }
}
