internal import ArgumentParser
internal import Bundles
internal import CommandLineKit
internal import Events
internal import Operations
internal import Presentation
internal import Projections

struct Bundle: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bundle",
    abstract: "Put one run into a file, with what proves it.",
    discussion: """
      A plain tar: the run's events, all its output, the chain of digests from its first event to the ledger's last, a page \
      to read (report.html), and a manifest with the SHA-256 of each. taro verify-bundle checks it without a ledger.

        taro bundle backup -o backup.tar
        taro bundle 06rv -o case.tar --sign ~/.ssh/id_ed25519
        taro bundle 06rv -o case.tar --head "$(tail -n 1 /media/usb/heads)"

      The chain needs what stands between the run's events and behind them, so commands and parameters of other runs are \
      in the bundle (their output is not). --alone leaves them out; then no head that was kept proves the run.
      """)

  @Argument(
    help: "A job id (its newest run), a job@instance or the beginning of an instance id.",
    completion: .instances)
  var instance: String

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The file to make; it may not be there yet.", valueName: "file"),
    completion: .file())
  var output: String

  @Option(
    help: ArgumentHelp(
      "Sign it with this key of ssh's, by ssh-keygen -Y sign.", valueName: "key"),
    completion: .file())
  var sign: String?

  @Option(
    help: ArgumentHelp(
      "The chain ends at this head, which was kept elsewhere, instead of at the last event.",
      valueName: "digest@seq"))
  var head: String?

  @Flag(help: "Nothing of other runs: no head proves the run then.")
  var alone = false

  @OptionGroup var ledger: LedgerOption

  func validate() throws {
    if output.isEmpty { throw ValidationError("-o is empty; name a file") }
    if alone, head != nil {
      throw ValidationError("--alone leaves out what --head needs; choose one of them")
    }
    try KeptHead.validate(head)
  }

  func run() throws {
    guard let view = try ledger.view() else { throw LedgerSession.NameError.nothing(instance) }
    let record = try view.run(named: instance)
    let extent = RunBundle.Extent(head: try KeptHead.parse(head), isAlone: alone)
    let bar = ProgressBar("bundling")
    let summary = try RunBundle(of: record, in: view, extent).make(
      output,
      by: RunBundle.Maker(
        .thisProcess(), version: Taro.version, howToCheck: "taro verify-bundle checks it."),
      sign: sign.map { key in
        { text in
          // ssh-keygen may ask something.
          bar.clear()
          return try BundleSignature(signing: text, key: key).armored
        }
      },
      progress: { bar.show(done: $0, of: nil, bytes: $1) })
    bar.clear()
    report(summary, of: record.name)
  }

  private func report(_ summary: RunBundle.Summary, of name: String) {
    let out = StandardOutput()
    out.write("\(output): \(name)\(summary.hasEnded ? "" : ", which has not ended")\n")
    out.write("events     \(summary.events)\(redacted(summary))\n")
    out.write("output     \(TimeFormat.bytes(summary.outputBytes))\(missing(summary))\n")
    out.write("file       \(TimeFormat.bytes(summary.bytes))\n")
    if summary.isLinked {
      out.write(
        "others     \(CountText.of(summary.otherEvents, "event")) of other runs are in it\n")
      if summary.gapsWithin > 0 {
        out.write(
          "gaps       \(summary.gapsWithin) within the run, where retention has dropped events of others\n"
        )
      }
    }
    out.write("head       \(summary.head)\n")
    out.flush()
  }

  private func redacted(_ summary: RunBundle.Summary) -> String {
    summary.redactedEvents > 0 ? ", \(summary.redactedEvents) of them redacted" : ""
  }

  private func missing(_ summary: RunBundle.Summary) -> String {
    guard summary.missingPieces > 0 else { return "" }
    return "; \(CountText.of(summary.missingPieces, "piece")) not in it: "
      + (summary.missing?.rawValue ?? "not there")
  }
}

/// A head as `ledger head` prints it, in an option.
enum KeptHead {
  static func parse(_ text: String?) throws -> ChainPosition? {
    guard let text else { return nil }
    guard let position = ChainPosition(text) else {
      throw Failure.usage(
        "--head takes what ledger head printed, 64 hexadecimal digits, @ and a position; not "
          + PrintableText.escaped(text))
    }
    return position
  }

  static func validate(_ text: String?) throws {
    do { _ = try parse(text) } catch let failure as Failure {
      throw ValidationError(failure.message)
    }
  }
}
