internal import Events
internal import HTTPTypes

extension Route {
  /// Answers with what has happened, and happens.
  static func events(_ services: Services) -> Route {
    Route("/events").get { request in
      let selection = try EventSelection(request)
      let reading = EventReading(services.executor, after: selection.after)
      try await reading.check()
      guard selection.follows || selection.wait != nil else {
        return .stream(type: selection.contentType) { writer in
          var writing = EventWriting(selection, reading)
          try await writing.writeToEnd(writer)
        }
      }
      return try await stream(request, services, selection, reading)
    }
  }

  private static func stream(
    _ request: ServerRequest, _ services: Services, _ selection: EventSelection,
    _ reading: EventReading
  ) async throws -> Answer {
    // The answer to HEAD is the stream's head.
    if request.method == .head { return .stream(type: selection.contentType) { _ in } }
    let place = try services.streams.begin(request)
    let answer = Answer.stream(type: selection.contentType) { writer in
      defer { place.leave() }
      let listener = services.feed.listen()
      defer { listener.stop() }
      var writing = EventWriting(selection, reading)
      if selection.follows {
        try await writing.follow(listener, writer)
      } else {
        try await writing.writeWhenThereIsSomething(listener, writer)
      }
    }
    return answer.unbuffered
  }
}

/// Writes the events that were asked for.
private struct EventWriting {
  private let selection: EventSelection
  private var reading: EventReading
  private var left: Int64

  init(_ selection: EventSelection, _ reading: EventReading) {
    self.selection = selection
    self.reading = reading
    left = selection.limit ?? .max
  }

  /// Writes up to the ledger's end.
  mutating func writeToEnd(_ writer: AnswerWriter) async throws {
    while left > 0 {
      let events = try await reading.next()
      guard !events.isEmpty else { return }
      try await write(events[...], writer)
    }
  }

  /// Writes up to the ledger's end, and on.
  mutating func follow(
    _ listener: LedgerFeed.Listener, _ writer: AnswerWriter
  ) async throws {
    // A client that waits for the head of the answer gets it with this.
    if selection.isEventStream { try await writer.write(":\n\n") }
    while left > 0 {
      switch try await listener.next() {
      case .behind: try await writeToEnd(writer)
      case .events(let events, let ledger):
        if let new = reading.take(events, of: ledger) {
          try await write(new, writer)
        } else {
          try await writeToEnd(writer)
        }
      case .quiet:
        if selection.isEventStream { try await writer.write(":\n\n") }
      }
    }
  }

  /// Writes up to the ledger's end, once there is one event of those.
  mutating func writeWhenThereIsSomething(
    _ listener: LedgerFeed.Listener, _ writer: AnswerWriter
  ) async throws {
    let before = left
    let deadline = ContinuousClock.now + .microseconds(selection.wait ?? 0)
    let timer = Task {
      try await Task.sleep(until: deadline)
      listener.wake()
    }
    defer { timer.cancel() }
    while left == before, ContinuousClock.now < deadline {
      _ = try await listener.next()
      try await writeToEnd(writer)
    }
  }

  private mutating func write(
    _ events: ArraySlice<Event>, _ writer: AnswerWriter
  ) async throws {
    var text = ""
    for event in events where left > 0 && selection.isWanted(event) {
      text += selection.text(event)
      left -= 1
    }
    if !text.isEmpty { try await writer.write(text) }
  }
}
