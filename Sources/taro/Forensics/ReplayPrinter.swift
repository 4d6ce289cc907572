internal import CommandLineKit
internal import Events
internal import Linux
internal import Operations
internal import Presentation
internal import Projections

/// Gives a replay out on stdout and stderr, at its own pace or as fast as it goes.
struct ReplayPrinter {
  private let outputs = [StandardOutput(), StandardOutput(fd: 2)]
  private let events: EventLine
  private let name: String
  private var last = OutputStream.stdout
  private var gaps = OutputGaps()
  private var printed: Int64 = 0
  /// Retention's doing is known, and told at the end.
  private let knowsDropped: Bool

  init(_ record: InstanceRecord, _ palette: Palette) {
    name = record.name
    knowsDropped = record.outputRemovedAt != nil
    events = EventLine(format: .text, palette: palette)
  }

  /// - Parameter pace: nil to wait for nothing.
  mutating func run(_ items: inout ReplayItems, _ pace: ReplayPace?) throws {
    var pace = pace
    let start = MonotonicTime.now
    while let item = try items.next() {
      if let due = pace?.due(item.at) {
        wait(until: start + due)
      }
      print(item)
    }
    flush()
    try gaps.end()
  }

  /// Whoever reads may go while there is nothing to write.
  private func wait(until time: MonotonicTime) {
    while true {
      let left = time - .now
      guard left > 0 else { return }
      flush()
      if Poll.wait(1, for: .hangup, milliseconds: Int32(clamping: (left + 999) / 1000)) {
        StandardOutput.end(after: .brokenPipe)
      }
    }
  }

  private mutating func print(_ item: ReplayItem) {
    switch item {
    case .output(let stream, _, let bytes):
      turn(to: stream)
      unsafe bytes.withUnsafeBytes { unsafe outputs[Int(stream.rawValue)].write($0) }
      printed += Int64(bytes.count)
    case .event(let event):
      turn(to: .stderr)
      outputs[1].write(events.line(event))
    case .damaged(let seq, _, _): gaps.noteDamaged(seq)
    case .dropped where !knowsDropped && !gaps.isDropped:
      flush()
      gaps.tellDropped(name, after: printed)
    case .dropped: break
    case .gap(let gap, _):
      flush()
      OutputGaps.tell(gap, of: name)
    }
  }

  /// Both may go to one place: in the order in which they came.
  private mutating func turn(to stream: OutputStream) {
    if stream != last { outputs[Int(last.rawValue)].flush() }
    last = stream
  }

  private func flush() { for output in outputs { output.flush() } }
}
