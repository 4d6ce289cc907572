package import Documents
package import Events

/// A timeline as a picture for a browser (SVG 1.1): no script, nothing from elsewhere, and what others have chosen is text.
/// Written lane by lane: first the heights of all are told, then each instance.
package struct TimelineSVG {
  private static let labelWidth = 220
  private static let width = 1200
  private static let rowHeight = 14
  private static let rulerHeight = 28
  /// More than so many at once are drawn over each other.
  private static let mostRows = 40

  /// The rows of a lane, for instances that are there at once. Takes them in the order of creation.
  package struct Rows: Sendable {
    private var ends: [WallTime] = []
    package init() {}
    package var count: Int { max(1, ends.count) }

    package mutating func place(from: WallTime, to: WallTime) -> Int {
      let free = ends.firstIndex { $0 <= from }
      if let free {
        ends[free] = to
        return free
      }
      guard ends.count < mostRows else { return ends.count - 1 }
      ends.append(to)
      return ends.count - 1
    }
  }

  private let scale: TimelineScale
  private let now: WallTime
  private var top = rulerHeight

  package init(_ time: Range<WallTime>, now: WallTime) {
    scale = TimelineScale(time, places: Self.width)
    self.now = now
  }

  /// Until when an instance is drawn.
  package func end(of run: TimelineDocument) -> WallTime {
    max(run.createdAt, min(run.endedAt ?? now, now))
  }

  /// - Parameters:
  ///   - rows: of each lane.
  ///   - offset: of local time from UTC, microseconds.
  package func beginning(rows: [Int], offset: Int64) -> PrintableText {
    let height = Self.rulerHeight + rows.reduce(0) { $0 + $1 * Self.rowHeight + 4 } + 4
    let width = Self.labelWidth + Self.width + 10
    var text = """
      <?xml version="1.0" encoding="UTF-8"?>
      <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" \
      viewBox="0 0 \(width) \(height)" font-family="sans-serif" font-size="11">
      <title>\(Self.escaped("\(TimeFormat.local(scale.time.lowerBound)) to \(TimeFormat.local(scale.time.upperBound))"))</title>
      <style>
      .lane{fill:#f4f4f4}.w{fill:#bcd}.r{fill:#47a}.c{fill:#6a8}.f{fill:#c33}.s{fill:#da4}.n{fill:#aaa}
      .t{stroke:#ccc}.k{stroke:#d60;stroke-width:2}
      </style>
      <rect width="100%" height="100%" fill="#fff"/>

      """
    for tick in scale.ticks(apart: 90, offset: offset) {
      let x = x(tick.at)
      text += "<line class=\"t\" x1=\"\(x)\" x2=\"\(x)\" y1=\"16\" y2=\"\(height)\"/>"
      text += "<text x=\"\(x)\" y=\"12\">\(tick.text)</text>\n"
    }
    return PrintableText(verbatim: text)
  }

  package mutating func lane(_ job: String, rows: Int) -> PrintableText {
    defer { top += rows * Self.rowHeight + 4 }
    let height = rows * Self.rowHeight
    return PrintableText(
      verbatim:
        "<rect class=\"lane\" x=\"\(Self.labelWidth)\" y=\"\(top)\" width=\"\(Self.width)\" height=\"\(height)\"/>"
        + "<text x=\"4\" y=\"\(top + 11)\">\(Self.escaped(Self.short(job)))"
        + "<title>\(Self.escaped(job))</title></text>\n")
  }

  /// - Parameter row: in the lane that was begun last, which has so many rows.
  package func run(_ run: TimelineDocument, row: Int, of rows: Int) -> PrintableText {
    let y = top - (rows * Self.rowHeight + 4) + row * Self.rowHeight + 2
    let end = end(of: run)
    let started = min(run.startedAt ?? end, end)
    var text = "<g><title>\(Self.escaped(facts(run)))</title>"
    if started > run.createdAt || run.startedAt == nil {
      let isOver = run.startedAt == nil && run.state.isTerminal
      text += bar(isOver ? Self.kind(run.state) : "w", run.createdAt, started, y)
    }
    if run.startedAt != nil { text += bar(Self.kind(run.state), started, end, y) }
    for at in run.warnings where scale.time.contains(at) {
      text += "<line class=\"k\" x1=\"\(x(at))\" x2=\"\(x(at))\" y1=\"\(y - 1)\" y2=\"\(y + 11)\"/>"
    }
    return PrintableText(verbatim: text + "</g>\n")
  }

  package static let ending: PrintableText = "</svg>\n"

  private func x(_ at: WallTime) -> Int { Self.labelWidth + scale.place(at) }

  private func bar(_ kind: String, _ from: WallTime, _ to: WallTime, _ y: Int) -> String {
    guard to >= scale.time.lowerBound, from < scale.time.upperBound else { return "" }
    let places = scale.places(from: from, to: to)
    return "<rect class=\"\(kind)\" x=\"\(Self.labelWidth + places.lowerBound)\" y=\"\(y)\" "
      + "width=\"\(places.count)\" height=\"\(Self.rowHeight - 4)\"/>"
  }

  private static func kind(_ state: InstanceState) -> String {
    switch state.group {
    case .beforeExecution, .waiting: "w"
    case .executing: "r"
    case .completed: "c"
    case .notCompleted: "s"
    case .notExecuted: "n"
    case .failure: "f"
    }
  }

  private func facts(_ run: TimelineDocument) -> String {
    var facts = [run.name, run.state.rawValue]
    if let why = run.reason ?? run.exitCode.map({ "exit code \($0)" }) { facts.append(why) }
    facts.append("created \(TimeFormat.local(run.createdAt))")
    if let started = run.startedAt {
      facts.append("started \(TimeFormat.local(started))")
      facts.append("ran \(DurationText.short(max(0, end(of: run) - started)))")
    }
    if !run.warnings.isEmpty { facts.append(CountText.of(Int64(run.warnings.count), "warning")) }
    return facts.joined(separator: "\n")
  }

  private static func short(_ job: String) -> String {
    DisplayWidth.fitted(PrintableText.escaped(job), to: 32).text
  }

  /// Text of an element: what XML has no place for is shown as an escape, line ends but in titles too.
  private static func escaped(_ text: String) -> String {
    if text.utf8.allSatisfy(isPlain) { return text }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    return lines.map { PrintableText.escaped(String($0)) }.joined(separator: "\n")
      .replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
      .replacing("\"", with: "&quot;").replacing("\u{fffe}", with: "\u{fffd}")
      .replacing("\u{ffff}", with: "\u{fffd}")
  }

  /// Tells whether a byte stands for itself: most texts have no other.
  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "\n"): true
    case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""): false
    default: (0x20..<0x7f).contains(byte)
    }
  }
}
