package import Events

/// A line of `output/pieces.jsonl`: what became of the output of one event.
package struct OutputPiece: Equatable, Sendable {
  package enum Content: Equatable, Sendable {
    /// So many bytes of `output/all`, behind those of the piece before it.
    case bytes(Int64, [Run])
    case missing(Missing)
  }

  package enum Missing: String, Sendable {
    case droppedByRetention = "dropped by retention"
    case damaged = "damaged in the ledger"
  }

  /// Consecutive bytes of one stream.
  package struct Run: Equatable, Sendable {
    package let stream: OutputStream
    /// Microseconds since the event's time.
    package let offset: Int64
    package let length: Int64

    package init(stream: OutputStream, offset: Int64, length: Int64) {
      self.stream = stream
      self.offset = offset
      self.length = length
    }
  }

  package let seq: Seq
  package let content: Content

  package init(seq: Seq, _ content: Content) {
    self.seq = seq
    self.content = content
  }

  package var json: JSON {
    switch content {
    case .missing(let missing):
      .object([.init("seq", .seq(seq)), .init("missing", .string(missing.rawValue))])
    case .bytes(let count, let runs):
      .object([
        .init("seq", .seq(seq)), .init("bytes", .integer(count)),
        .init(
          "runs",
          .array(
            runs.map {
              .array([
                .integer($0.offset), .integer($0.stream == .stdout ? 1 : 2), .integer($0.length),
              ])
            })),
      ])
    }
  }

  init?(_ json: JSON) {
    guard let seq = json["seq"]?.seq else { return nil }
    self.seq = seq
    if let missing = json["missing"]?.string {
      guard let missing = Missing(rawValue: missing) else { return nil }
      content = .missing(missing)
      return
    }
    guard let count = json["bytes"]?.integer, count >= 0, let items = json["runs"]?.array else {
      return nil
    }
    var runs: [Run] = []
    var left = count
    for item in items {
      guard let numbers = item.array, numbers.count == 3, let offset = numbers[0].integer,
        let stream = numbers[1].integer, let length = numbers[2].integer, offset >= 0,
        length >= 0, length <= left, stream == 1 || stream == 2
      else { return nil }
      left -= length
      runs.append(Run(stream: stream == 1 ? .stdout : .stderr, offset: offset, length: length))
    }
    guard left == 0 else { return nil }
    content = .bytes(count, runs)
  }

  static func length(of stream: OutputStream, in runs: [Run]) -> Int64 {
    runs.reduce(0) { $0 + ($1.stream == stream ? $1.length : 0) }
  }
}
