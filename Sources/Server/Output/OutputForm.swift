internal import Events
internal import NIOCore
internal import Operations
internal import Projections

/// The form in which output is sent.
enum OutputForm: Sendable {
  /// As it is, up to an offset.
  case bytes(upTo: Int64)
  /// As server-sent events.
  case events
  /// As JSON Lines, up to an offset.
  case lines(upTo: Int64)

  /// The id of the last event: offsets alone do not say whether somebody has been told the end.
  static let endID = "end"
  /// The most that an event has, before it is encoded.
  private static let pieceBytes = 64 << 10

  /// The output that is read at once, in this form.
  struct Portion: Sendable {
    var bytes = ByteBuffer()
    /// Something that is not there and comes next; in the form of bytes nothing comes behind it.
    fileprivate(set) var missing: OutputMissing?
    /// The follower behind it.
    var follower: OutputFollower
    var hasMore = true

    init(_ follower: OutputFollower) { self.follower = follower }
  }

  func add(_ item: OutputFollower.Item, to portion: inout Portion) {
    switch (self, item) {
    case (.bytes, _) where portion.missing != nil: break
    case (.bytes(let end), .piece(let piece)):
      portion.bytes.writeBytes(piece.bytes.prefix(Int(clamping: max(0, end - piece.offset))))
    case (.bytes, .damaged(let seq)): portion.missing = .damaged(seq: seq)
    case (.bytes, .dropped): portion.missing = .dropped
    case (.events, .piece(let piece)):
      Self.parts(piece.bytes, of: piece) { Self.add(nil, id: $0, $1, &portion.bytes) }
    case (.lines(let end), .piece(let piece)):
      Self.parts(piece.bytes.prefix(Int(clamping: max(0, end - piece.offset))), of: piece) {
        Self.add($1, &portion.bytes)
      }
    case (.lines, .damaged(let seq)):
      Self.add([("reason", "damaged"), ("seq", .seq(seq))], &portion.bytes)
    case (.lines, .dropped): Self.add([("reason", "dropped")], &portion.bytes)
    case (.events, .damaged(let seq)):
      Self.add("missing", id: nil, [("reason", "damaged"), ("seq", .seq(seq))], &portion.bytes)
    case (.events, .dropped):
      Self.add("missing", id: nil, [("reason", "dropped")], &portion.bytes)
    // The bytes are those that there are.
    case (.bytes, .gap): break
    case (.lines, .gap(let gap)): Self.add(Self.document(gap), &portion.bytes)
    case (.events, .gap(let gap)):
      Self.add("missing", id: nil, Self.document(gap), &portion.bytes)
    }
  }

  /// True when nothing of what comes behind that portion is wanted.
  func isDone(_ portion: Portion) -> Bool {
    switch self {
    case .bytes(let end): portion.missing != nil || portion.follower.offset >= end
    case .lines(let end): portion.follower.offset >= end
    case .events: false
    }
  }

  // MARK: Documents of pieces

  /// Calls the body with each document of these bytes of a piece, and with the offset behind it.
  private static func parts(
    _ bytes: ArraySlice<UInt8>, of piece: OutputFollower.Piece,
    _ body: (String, [(String, JSON)]) -> Void
  ) {
    var rest = bytes
    var offset = piece.offset
    while !rest.isEmpty {
      let part = TextPieces.prefix(rest, pieceBytes)
      rest = rest.dropFirst(part.count)
      for found in TextPieces.pieces(part) {
        let content: (name: String, text: String, count: Int) =
          switch found {
          case .text(let text): ("text", text, text.utf8.count)
          case .bytes(let bytes): ("base64", Base64.encode(bytes), bytes.count)
          }
        let end = offset + Int64(content.count)
        body(
          "\(end)",
          [
            ("at", .string(Timestamp.rfc3339(piece.at))), ("stream", .string("\(piece.stream)")),
            ("offset", .integer(offset)), (content.name, .string(content.text)),
          ])
        offset = end
      }
    }
  }

  private static func document(_ gap: OutputGap) -> [(String, JSON)] {
    [
      ("reason", "unrecorded"), ("bytes", .integer(gap.bytes)), ("detail", .string(gap.reason)),
    ]
  }

  /// The last event.
  static func end(_ facts: OutputFacts, bytes: Int64) -> ByteBuffer {
    var buffer = ByteBuffer()
    let exitCode = facts.record.ending?.exitCode
    add(
      "end", id: endID,
      [
        ("state", .string(facts.record.state.rawValue)),
        ("exit_code", exitCode.map { .integer($0) } ?? .null), ("bytes", .integer(bytes)),
      ], &buffer)
    return buffer
  }

  private static func add(
    _ name: String?, id: String?, _ data: [(String, JSON)], _ buffer: inout ByteBuffer
  ) {
    if let name { buffer.writeString("event: \(name)\n") }
    if let id { buffer.writeString("id: \(id)\n") }
    buffer.writeString("data: \(JSON.object(data.map { JSON.Member($0.0, $0.1) }).text)\n\n")
  }

  private static func add(_ data: [(String, JSON)], _ buffer: inout ByteBuffer) {
    buffer.writeString("\(JSON.object(data.map { JSON.Member($0.0, $0.1) }).text)\n")
  }
}
