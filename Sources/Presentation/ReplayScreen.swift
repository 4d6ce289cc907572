package import Events

/// The picture of a replay on a terminal: the last lines that were printed, and below them where it is. A value; nothing in it
/// steers the terminal.
package struct ReplayScreen {
  package enum Source: Sendable, Equatable {
    case stream(OutputStream)
    /// Something that happened to the run.
    case event
  }

  /// At most this is kept of a line.
  private static let lineBytes = 4096

  private struct Line {
    var source: Source
    var bytes: [UInt8]
    var isHit = false
  }

  private let palette: Palette
  private var lines: [Line] = []
  /// The line of each stream that has not ended.
  private var open: [[UInt8]] = OutputStream.allCases.map { _ in [] }
  package var rows: Int
  package var columns: Int

  package init(rows: Int, columns: Int, _ palette: Palette) {
    (self.rows, self.columns, self.palette) = (rows, columns, palette)
  }

  /// Takes in bytes of a stream up to the end of a line in them.
  /// - Returns: how many these were, and the line where one has ended.
  package mutating func take(
    _ bytes: ArraySlice<UInt8>, _ stream: OutputStream
  ) -> (count: Int, line: [UInt8]?) {
    let place = Int(stream.rawValue)
    let feed = bytes.firstIndex(of: 0x0a)
    append(bytes[..<(feed ?? bytes.endIndex)], place)
    guard let feed else { return (bytes.count, nil) }
    let line = open[place]
    open[place] = []
    add(Line(source: .stream(stream), bytes: line))
    return (feed + 1 - bytes.startIndex, line)
  }

  /// As a terminal has it: what comes behind a carriage return is written over what was there.
  private mutating func append(_ bytes: ArraySlice<UInt8>, _ place: Int) {
    var rest = bytes
    if open[place].last == 0x0d, !rest.isEmpty { open[place] = [] }
    if let last = rest.dropLast().lastIndex(of: 0x0d) {
      open[place] = []
      rest = rest[(last + 1)...]
    }
    open[place] += rest.prefix(max(0, Self.lineBytes - open[place].count))
  }

  package mutating func take(event text: String) {
    add(Line(source: .event, bytes: Array(text.utf8.prefix(Self.lineBytes))))
  }

  private mutating func add(_ line: Line) {
    lines.append(line)
    // More than any terminal shows; not at each line.
    if lines.count > 2000 { lines.removeFirst(1000) }
  }

  package mutating func markLast() {
    guard !lines.isEmpty else { return }
    lines[lines.count - 1].isHit = true
  }

  package mutating func clear() {
    lines = []
    open = OutputStream.allCases.map { _ in [] }
  }

  /// All of the screen as it is to be, in one piece.
  /// - Parameter status: the line at the bottom.
  package func frame(status: String) -> PrintableText {
    var shown = lines
    for (stream, bytes) in zip(OutputStream.allCases, open) where !bytes.isEmpty {
      shown.append(Line(source: .stream(stream), bytes: bytes))
    }
    var text = "\u{1b}[H"
    for line in shown.suffix(max(0, rows - 1)) {
      text += painted(line).text + "\u{1b}[K\r\n"
    }
    text += "\u{1b}[J\u{1b}[\(rows);1H"
    let fitted = DisplayWidth.fitted(PrintableText.escaped(status), to: columns - 1).text
    return PrintableText(verbatim: "\(text)\u{1b}[7m\(fitted)\u{1b}[0m\u{1b}[K")
  }

  private func painted(_ line: Line) -> PrintableText {
    var bytes = line.bytes[...]
    if bytes.last == 0x0d { bytes = bytes.dropLast() }
    let text = String(decoding: bytes, as: UTF8.self).split(
      separator: "\t", omittingEmptySubsequences: false
    ).map { PrintableText.escaped(String($0)) }.joined(separator: "  ")
    let fitted = DisplayWidth.fitted(text, to: columns).text
    if line.isHit { return PrintableText(verbatim: "\u{1b}[7m\(fitted)\u{1b}[0m") }
    let tone: Tone =
      switch line.source {
      case .stream(.stdout): .plain
      case .stream(.stderr): .warning
      case .event: .instanceID
      }
    return palette.paint(fitted, tone)
  }
}
