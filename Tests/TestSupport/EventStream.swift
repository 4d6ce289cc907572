package import Events
internal import Glibc
internal import Linux
internal import Testing

/// Server-sent events, as they come over a connection.
package final class EventStream {
  /// One of any route.
  package struct Event: Equatable, Sendable {
    /// `message` where it says none.
    package var name = "message"
    package var id: String?
    package var data = ""
  }

  /// One of the ledger.
  package struct Message: Sendable {
    package let id: Seq
    package let data: String

    package func document() throws -> JSON { try JSON(parsing: data) }
  }

  package let client: HTTPClient
  /// Its head.
  package let answer: HTTPAnswer
  /// What has come and is not taken yet, from `start` on.
  private var bytes: [UInt8] = []
  private var start = 0

  /// Asks for them, and reads the head of the answer.
  package init(_ client: HTTPClient, _ target: String, _ fields: [String: String] = [:]) throws {
    self.client = client
    let all = ["Host": "localhost", "Accept": "text/event-stream"].merging(fields) { $1 }
    let head = all.map { "\($0.key): \($0.value)\r\n" }.joined()
    try client.send("GET \(target) HTTP/1.1\r\n\(head)\r\n")
    answer = try client.readHead().expect(200)
    #expect(answer["content-type"] == "text/event-stream")
  }

  package convenience init(
    _ server: TarosProgram, _ target: String, _ fields: [String: String] = [:]
  ) throws {
    try self.init(try server.connect(), target, fields)
    // A proxy keeps that for itself.
    #expect(answer["x-accel-buffering"] == "no")
  }

  /// The next one, whatever its route; comments are passed over. Nil at the end.
  package func nextEvent() throws -> Event? {
    while true {
      while let text = takeEvent() {
        if let event = try Self.event(text) { return event }
      }
      let chunk = try client.readChunk()
      guard !chunk.isEmpty else { return nil }
      bytes.removeSubrange(..<start)
      start = 0
      bytes += chunk
    }
  }

  /// The next one of the ledger.
  package func next() throws -> Message {
    guard let event = try nextEvent() else {
      throw HTTPClient.Broken(description: "the stream has ended")
    }
    guard let number = event.id.flatMap({ Int64($0) }), event.name == "message" else {
      throw HTTPClient.Broken(description: "no event of a position: \(event)")
    }
    return Message(id: Seq(number), data: event.data)
  }

  /// So many of them.
  package func next(_ count: Int) throws -> [Message] { try (0..<count).map { _ in try next() } }

  /// Those that still come until the stream ends or is broken off; what was broken off within is none.
  package func rest() -> [Message] {
    var messages: [Message] = []
    while let message = try? next() { messages.append(message) }
    return messages
  }

  /// Nil for a comment.
  private static func event(_ text: String) throws -> Event? {
    var event = Event()
    var isEvent = false
    for line in text.split(separator: "\n") where !line.hasPrefix(":") {
      let field = line.prefix { $0 != ":" }
      let value = String(line.dropFirst(field.count + 1).drop { $0 == " " })
      switch field {
      case "event": event.name = value
      case "id": event.id = value
      case "data": event.data += value
      default: throw HTTPClient.Broken(description: "no field of an event: \(line)")
      }
      isEvent = true
    }
    return isEvent ? event : nil
  }

  /// Up to the next empty line.
  private func takeEvent() -> String? {
    let end = bytes.withUnsafeBytes { all -> Int? in
      var from = start
      while from < all.count, let base = all.baseAddress,
        let found = memchr(base + from, 10, all.count - from)
      {
        let place = base.distance(to: UnsafeRawPointer(found))
        if place + 1 < all.count, all[place + 1] == 10 { return place }
        from = place + 1
      }
      return nil
    }
    guard let end else { return nil }
    defer { start = end + 2 }
    return String(decoding: bytes[start..<end], as: UTF8.self)
  }
}

extension TarosProgram {
  /// Listens to events.
  package func listen(
    _ target: String = "/events", after id: Seq? = nil, _ fields: [String: String] = [:]
  ) throws -> EventStream {
    let last = id.map { ["Last-Event-ID": "\($0)"] } ?? [:]
    return try EventStream(try connect(), target, fields.merging(last) { $1 })
  }
}
