internal import ArgumentParser
internal import Ledger
internal import Linux
internal import Projections

struct Output: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "output",
    abstract: "Print the whole output of one run, byte for byte.",
    discussion: """
        taro output backup           of the newest run of job backup
        taro output 06rv --stderr    of the run whose id begins so
      """)

  @Argument(
    help: "A job id (its newest run), a job@instance or the beginning of an instance id.",
    completion: .instances)
  var instance: String

  @OptionGroup var streams: StreamOptions
  @OptionGroup var ledger: LedgerOption

  func run() throws {
    guard let view = try ledger.view() else {
      throw LedgerView.NameError.nothing(instance)
    }
    let record = try view.instance(named: instance)
    let output = StandardOutput()
    var damaged: [Int64] = []
    _ = try RecordedOutput(view.reader, record.instance, stream: streams.only).forEachPart { part in
      switch part {
      case .bytes(let bytes): bytes.withUnsafeBytes { output.write($0) }
      case .damaged(let seq): damaged.append(seq)
      }
    }
    output.flush()
    RemovedOutput.report(record)
    try OutputDamage.report(damaged)
  }
}

/// `--stdout` and `--stderr`; neither, or both, is everything in order of arrival.
struct StreamOptions: ParsableArguments {
  @Flag(name: .customLong("stdout"), help: "Only what went to stdout.")
  var stdout = false

  @Flag(name: .customLong("stderr"), help: "Only what went to stderr.")
  var stderr = false

  var only: OutputStream? {
    switch (stdout, stderr) {
    case (true, false): .stdout
    case (false, true): .stderr
    case (true, true), (false, false): nil
    }
  }
}

enum OutputDamage {
  static func report(_ damaged: [Int64]) throws {
    guard let first = damaged.first else { return }
    let what =
      damaged.count == 1
      ? "1 piece of this output is" : "\(damaged.count) pieces of this output are"
    throw Failure("\(what) damaged in the ledger and missing above, the first is event \(first)")
  }
}
