internal import Events

/// A summary of a job's output: how much it was, its last line, and how far the job is by that.
struct OutputSummary {
  private var totals = OutputTotals()
  private var lastLine = LastLine()
  private let progressFinder: ProgressFinder

  init(_ progressFinder: ProgressFinder) { self.progressFinder = progressFinder }

  mutating func take(_ bytes: UnsafeRawBufferPointer, _ chunk: OutputTotals) {
    totals.add(chunk)
    lastLine.take(bytes)
  }

  /// Output that could not be taken in.
  mutating func miss(_ lost: OutputTotals) { totals.add(lost) }

  /// Output that was taken in, and is not recorded.
  mutating func cut(_ bytes: Int64) { totals.droppedBytes += bytes }

  /// The last line of output that shows something.
  var text: String? { lastLine.text }

  func status(_ text: String) -> Status {
    Status(text: text, progress: progressFinder.progress(in: text))
  }

  /// The ending of a run whose output was captured.
  func complete(_ ending: Ending) -> Ending {
    guard ending.output != nil else { return ending }
    var (ending, totals) = (ending, totals)
    if lastLine.endsInsideLine { totals.lines += 1 }
    ending.output = totals
    ending.status = lastLine.text
    ending.progress = lastLine.text.flatMap(progressFinder.progress)
    return ending
  }
}
