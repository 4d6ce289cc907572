internal import Events

/// Output as lines, each with its stream and the time of its first byte. A line that is longer than `longest` is given in parts.
struct OutputLines {
  typealias Give = (_ line: String, OutputStream, _ at: WallTime) throws -> Void

  private struct Line {
    var bytes: [UInt8] = []
    var at = WallTime.epoch
  }

  static let longest = 64 << 10

  private var lines: [OutputStream: Line] = [:]

  mutating func take(
    _ bytes: ArraySlice<UInt8>, _ stream: OutputStream, at: WallTime, _ give: Give
  ) throws {
    var line = lines.removeValue(forKey: stream) ?? Line()
    var rest = bytes
    while !rest.isEmpty {
      if line.bytes.isEmpty { line.at = at }
      let feed = rest.firstIndex(of: UInt8(ascii: "\n"))
      let room = Self.longest - line.bytes.count
      let part = rest[..<(feed ?? rest.endIndex)].prefix(room)
      line.bytes += part
      rest = rest[part.endIndex...]
      if feed == rest.startIndex {
        rest = rest.dropFirst()
        try Self.end(&line, stream, give)
      } else if line.bytes.count == Self.longest {
        try Self.end(&line, stream, give)
      }
    }
    lines[stream] = line
  }

  /// Gives the last lines, which nothing has ended.
  mutating func finish(_ give: Give) throws {
    for stream in [OutputStream.stdout, .stderr] {
      guard var line = lines[stream], !line.bytes.isEmpty else { continue }
      try Self.end(&line, stream, give)
      lines[stream] = nil
    }
  }

  private static func end(_ line: inout Line, _ stream: OutputStream, _ give: Give) throws {
    try give(String(decoding: line.bytes, as: UTF8.self), stream, line.at)
    line.bytes.removeAll(keepingCapacity: true)
  }
}
