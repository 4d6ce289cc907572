internal import Testing

/// Server-sent events as they come, comments left out.
package final class EventStreamClient {
  package struct Event: Equatable, Sendable {
    /// `message` where it says none.
    package var name = "message"
    package var id: String?
    package var data = ""
  }

  package let client: HTTPClient
  /// The head of the answer.
  package let answer: HTTPAnswer
  private var text: [UInt8] = []

  package init(
    _ server: TarosProgram, _ target: String, _ fields: [String: String] = [:]
  ) throws {
    client = try server.connect()
    let all = ["Host": "localhost", "Accept": "text/event-stream"].merging(fields) { $1 }
    let head = all.map { "\($0.key): \($0.value)\r\n" }.joined()
    try client.send("GET \(target) HTTP/1.1\r\n\(head)\r\n")
    answer = try client.readHead().expect(200)
    #expect(answer["content-type"] == "text/event-stream")
    #expect(answer["x-accel-buffering"] == "no")
  }

  /// The next event; nil at the end.
  package func next() throws -> Event? {
    while true {
      while let end = text.firstRange(of: [10, 10]) {
        let lines = String(decoding: text[..<end.lowerBound], as: UTF8.self)
        text.removeSubrange(..<end.upperBound)
        if let event = Self.event(lines) { return event }
      }
      let chunk = try client.readChunk()
      guard !chunk.isEmpty else { return nil }
      text += chunk
    }
  }

  /// Nil for a comment.
  private static func event(_ lines: String) -> Event? {
    var event = Event()
    var isEvent = false
    for line in lines.split(separator: "\n") {
      guard let colon = line.firstIndex(of: ":"), colon != line.startIndex else { continue }
      let value = String(line[line.index(after: colon)...].drop { $0 == " " })
      isEvent = true
      switch line[..<colon] {
      case "event": event.name = value
      case "id": event.id = value
      case "data": event.data += value
      default: isEvent = false
      }
    }
    return isEvent ? event : nil
  }
}
