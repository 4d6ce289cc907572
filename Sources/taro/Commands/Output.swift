internal import ArgumentParser
internal import CommandLineKit
internal import Events
internal import Linux
internal import Operations
internal import Presentation
internal import Projections

struct Output: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "output",
    abstract: "Print the whole output of one run, byte for byte.",
    discussion: """
        taro output backup           of the newest run of job backup
        taro output 06rv --stderr    of the run whose id begins so

      The exit code is 1 when something of it is damaged, or is dropped by retention while it is read: stderr says what \
      is missing then.
      """)

  @Argument(
    help: "A job id (its newest run), a job@instance or the beginning of an instance id.",
    completion: .instances)
  var instance: String

  @OptionGroup var timestamps: TimestampOption
  @OptionGroup var streams: StreamOptions
  @OptionGroup var asOf: MomentOption
  @OptionGroup var ledger: LedgerOption

  func run() throws {
    guard let view = try asOf.view(ledger) else {
      throw LedgerSession.NameError.nothing(instance)
    }
    let record = try view.run(named: instance)
    if timestamps.isOn { return try printMarked(record, view) }
    let output = StandardOutput()
    var gaps = OutputGaps(isOfThePast: view.moment.isPast)
    var printed: Int64 = 0
    _ = try RecordedOutput(view.reader, record.instance, stream: streams.only).forEachPart { part in
      switch part {
      case .bytes(let bytes):
        output.write(bytes)
        printed += Int64(bytes.count)
      case .damaged(let seq): gaps.noteDamaged(seq)
      // The report on what was dropped before follows below.
      case .dropped where record.outputRemovedAt == nil:
        output.flush()
        gaps.tellDropped(record.name, after: printed)
      case .dropped: break
      case .gap(let gap):
        output.flush()
        OutputGaps.tell(gap, of: record.name)
      }
    }
    output.flush()
    RemovedOutput.report(record)
    try gaps.end()
  }

  private func printMarked(_ record: InstanceRecord, _ view: LedgerSession) throws {
    let printer = TailPrinter(
      palette: .plain, showsHeaders: false, marks: .init(timestamps: true),
      isOfThePast: view.moment.isPast)
    var shown = try OutputFollower(
      record, in: view, stream: streams.only, from: .offset(0), follows: false)
    let source = shown
    try shown.read(in: view) { printer.print(source, $0) }
    printer.endLastLine()
    RemovedOutput.report(record)
    try printer.gaps.end()
  }
}

/// The option of commands that print what runs have printed.
struct TimestampOption: ParsableArguments {
  @Flag(
    name: [.customShort("t"), .customLong("timestamps")],
    help: "Before each line the time at which it was read.")
  var isOn = false
}

enum OutputDamage {
  static func report(_ damaged: [Seq]) throws {
    guard let first = damaged.first else { return }
    let what =
      damaged.count == 1
      ? "1 piece of this output is" : "\(damaged.count) pieces of this output are"
    throw Failure("\(what) damaged in the ledger and missing above, the first is event \(first)")
  }
}
