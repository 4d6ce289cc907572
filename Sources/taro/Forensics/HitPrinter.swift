internal import CommandLineKit
internal import Documents
internal import Events
internal import Linux
internal import Operations
internal import Presentation
internal import Projections

/// Prints what a search finds: on a terminal with a heading for each run, elsewhere each line with the run it is of.
final class HitPrinter {
  let output: StandardOutput
  private let format: EventFormat
  private let wanted: SearchResult
  private let palette: Palette
  private let text: HitText
  private let isTerminal: Bool
  private var current: InstanceID?

  init(_ format: EventFormat, _ wanted: SearchResult, _ palette: Palette) {
    (self.format, self.wanted, self.palette) = (format, wanted, palette)
    text = HitText(palette)
    isTerminal = Terminal.isTerminal(1)
    output = StandardOutput(flushesLines: isTerminal)
  }

  func print(_ record: InstanceRecord, _ event: OutputSearch.Event) {
    switch event {
    case .item(.line(let line)): print(record, line)
    case .item(.gap): if format == .text { output.write("--\n") }
    case .item(.gaveUp(let line)):
      tell(
        record,
        "the expression takes too long in a line of \(TimeFormat.local(line.at)): given up there"
      )
    case .item(.damaged(let seq, let bytes)):
      tell(record, "\(TimeFormat.bytes(bytes)) here are damaged in the ledger, event \(seq)")
    case .item(.dropped(let bytes)):
      let size = bytes > 0 ? "\(TimeFormat.bytes(bytes)) of it" : "what stood"
      tell(record, "retention has dropped \(size) here")
    case .removed: break
    case .end(let count): end(record, count)
    }
  }

  private func tell(_ record: InstanceRecord, _ what: String) {
    output.flush()
    StandardError.say("\(record.name): \(what)")
  }

  private func end(_ record: InstanceRecord, _ count: Int64) {
    guard count > 0, wanted.isSummary else { return }
    switch format {
    case .jsonl:
      output.write(
        json: HitCountDocument(record, lines: wanted == .counts ? count : nil).json)
    case .text:
      output.write(
        text.summary(
          job: record.job, instance: record.instance, lines: wanted == .counts ? count : nil))
    }
  }

  private func print(_ record: InstanceRecord, _ line: FoundLine) {
    if format == .jsonl {
      output.write(json: HitDocument(record, line).json)
      return
    }
    if isTerminal { head(record) }
    guard wanted == .matches else { return write(record, line, line.bytes, line.matches) }
    for match in line.matches { write(record, line, line.bytes(of: match), [0..<match.count]) }
  }

  private func head(_ record: InstanceRecord) {
    guard current != record.instance else { return }
    if current != nil { output.write("\n") }
    current = record.instance
    output.write(
      text.heading(
        job: record.job, instance: record.instance, state: record.state,
        createdAt: record.createdAt))
  }

  private func write(
    _ record: InstanceRecord, _ line: FoundLine, _ bytes: ArraySlice<UInt8>,
    _ matches: [Range<Int>]
  ) {
    guard isTerminal else {
      output.write(
        text.place(
          job: record.job, instance: record.instance, line.stream, at: line.at,
          isHit: line.isSelected))
      unsafe bytes.withUnsafeBytes { unsafe output.write($0) }
      output.write(line.isCut ? " ...\n" : "\n")
      return
    }
    output.write(text.place(line.stream, at: line.at, isHit: line.isSelected))
    let isCut = wanted != .matches && line.isCut
    output.write(text.line(bytes, matches, isCut: isCut))
  }
}
