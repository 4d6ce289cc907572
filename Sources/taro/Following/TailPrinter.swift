internal import CommandLineKit
internal import Events
internal import Linux
internal import Operations
internal import Presentation

/// Prints pieces of several instances' output: with a header when the printing instance changes, or with a mark before each
/// line.
final class TailPrinter {
  let output: StandardOutput
  private(set) var gaps: OutputGaps
  private let palette: Palette
  private let showsHeaders: Bool
  private var current: InstanceID?
  private var endsInsideLine = false
  private var lines: MarkedLines

  /// - Parameters:
  ///   - marks: what stands before each line; with names there are no headers.
  ///   - isOfThePast: the answer is of an earlier moment.
  init(palette: Palette, showsHeaders: Bool, marks: MarkedLines.Marks, isOfThePast: Bool) {
    gaps = OutputGaps(isOfThePast: isOfThePast)
    self.palette = palette
    self.showsHeaders = showsHeaders && !marks.names
    lines = MarkedLines(marks, palette)
    output = StandardOutput()
  }

  func header(of instance: OutputFollower) {
    guard showsHeaders, current != instance.instance else { return }
    endLine()
    current = instance.instance
    let name = palette.paint(
      job: instance.job, instance: instance.instance.text)
    output.write("\(name)\n")
  }

  func print(_ instance: OutputFollower, _ item: OutputFollower.Item) {
    switch item {
    case .piece(let piece):
      header(of: instance)
      guard !lines.marks.isAny else {
        return lines.write(
          piece.bytes, at: piece.at, job: instance.job, instance: instance.instance, to: output)
      }
      output.write(piece.bytes)
      endsInsideLine = piece.bytes.last != 0x0a
    case .damaged(let seq): gaps.noteDamaged(seq)
    case .dropped(let bytes):
      output.flush()
      gaps.tellDropped("\(instance.job)@\(instance.instance)", after: bytes)
    case .gap(let gap):
      endLine()
      output.flush()
      OutputGaps.tell(gap, of: "\(instance.job)@\(instance.instance)")
    }
  }

  /// Says that a job that has failed is tried again, behind all that was printed of it.
  func tell(_ next: Tries) {
    if Terminal.isTerminal(1) { endLine() }
    output.flush()
    StandardError.say("\(next.name): try \(next.number) of \(next.total)")
  }

  /// Ends the last line on a terminal, where the prompt is to begin a line; elsewhere the bytes are the job's, no more
  /// and no less.
  func endLastLine() {
    if Terminal.isTerminal(1) { endLine() }
    output.flush()
  }

  private func endLine() {
    lines.end(output)
    if endsInsideLine { output.write("\n") }
    endsInsideLine = false
  }
}
