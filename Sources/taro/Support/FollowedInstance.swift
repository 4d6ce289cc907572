internal import CommandLineKit
internal import Events
internal import Ledger
internal import Linux
internal import Operations
internal import Presentation
internal import Projections

/// One instance that `tail` prints, and how far it has come.
struct FollowedInstance {
  let job: String
  let instance: InstanceID
  /// Of the ledger that it is read from.
  private(set) var ledgerID: String
  private(set) var hasEnded: Bool
  /// Its output had been dropped when it was first looked at.
  private let wasRemoved: Bool
  private var printed: Int64 = 0
  private var output: RecordedOutput
  private var position = RecordedOutput.Position.start
  /// Makes the runner flush sooner; kept for as long as the instance is followed.
  private var mark: Mark?

  private final class Mark {
    let held: FollowMark
    init(_ held: consuming FollowMark) { self.held = held }
  }

  init(_ record: InstanceRecord, _ view: LedgerSession, _ stream: OutputStream?, follows: Bool) {
    job = record.job
    instance = record.instance
    ledgerID = view.reader.ledgerID
    hasEnded = record.endedAt != nil
    wasRemoved = record.outputRemovedAt != nil
    output = RecordedOutput(view.reader, record.instance, stream: stream)
    if follows, !hasEnded { hold(view.directory) }
  }

  /// From a `created` event; nil for any other. To be held when it is to be followed.
  init?(_ event: Event, _ view: LedgerSession, _ stream: OutputStream?) {
    guard event.kind == .state(.created), let instance = event.instance else { return nil }
    job = event.job ?? ""
    self.instance = instance
    ledgerID = view.reader.ledgerID
    hasEnded = false
    wasRemoved = false
    output = RecordedOutput(view.reader, instance, stream: stream)
  }

  func matches(_ pattern: Pattern) -> Bool { pattern.matches(job: job, instance: instance) }

  mutating func hold(_ directory: LedgerDirectory) {
    guard let held = FollowMark(instance, in: directory) else { return }
    mark = Mark(held)
    RunFiles.ring(instance, in: directory)
  }

  mutating func printLastLines(_ count: Int, _ printer: TailPrinter) throws {
    position = try output.startOfLastLines(count)
    printer.header(of: self)
    try printNew(printer)
  }

  /// Goes on in a ledger that was recovered from the one that it was read from, with the first of the instance's events there
  /// that is new.
  mutating func goOn(in view: LedgerSession, with event: Event) {
    guard let n = event.n, ledgerID != view.reader.ledgerID else { return }
    ledgerID = view.reader.ledgerID
    output = RecordedOutput(view.reader, instance, stream: output.stream)
    position = RecordedOutput.Position(n: n - 1, skip: 0)
  }

  /// Takes in one of the instance's events.
  mutating func take(_ event: Event, _ printer: TailPrinter) throws {
    if event.kind == .output, let n = event.n, n > position.n { try printNew(printer) }
    if event.kind.isTerminal { end() }
  }

  /// Nothing more comes.
  mutating func end() {
    hasEnded = true
    mark = nil
  }

  /// Retention has dropped it.
  mutating func drop(_ printer: TailPrinter) {
    if !hasEnded { tellDropped(printer, after: printed) }
    end()
  }

  private func tellDropped(_ printer: TailPrinter, after bytes: Int64) {
    guard !wasRemoved else { return }
    printer.output.flush()
    printer.gaps.tellDropped("\(job)@\(instance)", after: bytes)
  }

  private mutating func printNew(_ printer: TailPrinter) throws {
    var written: Int64 = 0
    position = try output.forEachPart(from: position) { part in
      switch part {
      case .bytes(let bytes):
        printer.write(bytes, of: self)
        written += Int64(bytes.count)
      case .damaged(let seq): printer.gaps.noteDamaged(seq)
      case .dropped: tellDropped(printer, after: printed + written)
      }
    }
    printed += written
  }
}

/// Prints pieces of several instances' output, with a header when the printing instance changes.
final class TailPrinter {
  let output: StandardOutput
  var gaps = OutputGaps()
  private let palette: Palette
  private let showsHeaders: Bool
  private var current: InstanceID?
  private var endsInsideLine = false

  init(palette: Palette, showsHeaders: Bool) {
    self.palette = palette
    self.showsHeaders = showsHeaders
    output = StandardOutput()
  }

  func header(of instance: FollowedInstance) {
    guard showsHeaders, current != instance.instance else { return }
    endLine()
    current = instance.instance
    let name = palette.paint(
      job: PrintableText.escaped(instance.job), instance: instance.instance.text)
    output.write("\(name)\n")
  }

  func write(_ bytes: ArraySlice<UInt8>, of instance: FollowedInstance) {
    guard let last = bytes.last else { return }
    header(of: instance)
    bytes.withUnsafeBytes { output.write($0) }
    endsInsideLine = last != 0x0a
  }

  /// On a terminal the prompt is to begin a line; elsewhere the bytes are the job's, no more and no less.
  func endLastLine() {
    if Terminal.isTerminal(1) { endLine() }
    output.flush()
  }

  private func endLine() {
    if endsInsideLine { output.write("\n") }
    endsInsideLine = false
  }
}
