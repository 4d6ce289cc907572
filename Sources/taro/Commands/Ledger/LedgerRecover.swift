internal import ArgumentParser
internal import CommandLineKit
internal import Events
internal import Ledger
internal import Maintenance
internal import Presentation
internal import Projections
internal import Settings

struct LedgerRecover: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recover",
    abstract: "Read what can be read of a damaged ledger into a new one.",
    discussion: """
      FILE is the database or its directory; it is not changed. The new ledger has an id of its own, and its first event \
      names the old one and tells what was lost. Output that does not fit its digest is left out, as a gap.

        taro ledger recover /var/lib/taro/ledger.db.sealed-20261123T041501Z --into /var/lib/taro.new
      """)

  @Argument(
    help: ArgumentHelp("The damaged ledger.", valueName: "file"), completion: .file())
  var file: String

  @Option(
    help: ArgumentHelp(
      "A directory that is not there yet. (default: FILE.recovered)", valueName: "dir"),
    completion: .directory)
  var into: String?

  private var source: String {
    var path = file
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    return path
  }

  func validate() throws {
    guard !file.isEmpty else { throw ValidationError("FILE is empty; name a ledger") }
    guard [file, into ?? ""].allSatisfy({ UserEnvironment.isUsable(path: $0) }) else {
      throw ValidationError(
        "a name that is not UTF-8 cannot be used; a link to it may have one that is")
    }
    guard into != "" else { throw ValidationError("--into is empty; name a directory") }
  }

  func run() throws {
    let target = into ?? "\(source).recovered"
    let bar = ProgressBar("recovering")
    let recovered = try LedgerRecovery.run(
      from: source, into: target, by: .thisProcess(), progress: bar.show)
    bar.clear()
    let output = StandardOutput()
    for line in Self.lines(recovered, target) { output.write("\(line)\n") }
    output.flush()
  }

  private static func lines(_ recovered: Recovered, _ target: String) -> [String] {
    let counts = recovered.counts
    let more = counts.endUnknown ? ", and what was behind the last that could be read" : ""
    var lines = [
      "\(PrintableText.escaped(target)): a new ledger with what could be read of "
        + PrintableText.escaped(recovered.file),
      "events     \(counts.read) read, \(counts.lost) lost\(more)",
    ]
    if counts.made > 0 {
      lines.append("made up    \(CountText.of(counts.made, "event")) whose own was lost")
    }
    if counts.chunksLost > 0 {
      lines.append(
        "output     \(CountText.of(counts.chunksLost, "piece")) lost, "
          + TimeFormat.bytes(counts.bytesLost))
    }
    let good = recovered.lastGood.map { "\($0)" } ?? "no event"
    return lines + ["last good  \(good)"]
  }
}
