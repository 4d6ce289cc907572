internal import Events

/// Reads an answer over HTTP as `curl --include` gives it: the head, then the body.
struct HTTPReader {
  struct Head: Equatable {
    var status = 0
    var version: String?
  }

  enum Item: Equatable {
    case head(Head)
    case body([UInt8])
  }

  private static let longestHead = 64 << 10

  private var bytes: [UInt8] = []
  private(set) var head: Head?

  mutating func take(_ more: ArraySlice<UInt8>, _ give: (Item) throws -> Void) throws {
    guard head == nil else { return try give(.body(Array(more))) }
    bytes += more
    while head == nil {
      guard let end = bytes.firstRange(of: [0x0d, 0x0a, 0x0d, 0x0a]) else {
        guard bytes.count <= Self.longestHead else { throw AnswerReader.noAnswer }
        return
      }
      let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(
        separator: "\r\n")
      bytes.removeSubrange(..<end.upperBound)
      let words = (lines.first ?? "").split(separator: " ")
      guard words.count > 1, words[0].hasPrefix("HTTP/"), let status = Int(words[1]) else {
        throw AnswerReader.noAnswer
      }
      // One that only says that another comes.
      if (100..<200).contains(status) { continue }
      let head = Head(status: status)
      self.head = head
      try give(.head(head))
    }
    guard !bytes.isEmpty else { return }
    defer { bytes = [] }
    try give(.body(bytes))
  }
}
