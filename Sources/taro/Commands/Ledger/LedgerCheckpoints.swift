internal import ArgumentParser
internal import CommandLineKit
internal import Documents
internal import Ledger
internal import Linux
internal import Operations
internal import Presentation

struct LedgerCheckpoints: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "checkpoints",
    abstract: "Show how far named listeners have come, or forget one.",
    discussion: """
      Each taro listen --checkpoint NAME keeps the position up to which it has given events out, in a file beside the \
      ledger. It is no part of the record: to remove it takes back nothing that has happened, and the next listener of \
      that name begins at the ledger's beginning. One that listens just now keeps its name.

        taro ledger checkpoints
        taro ledger checkpoints --remove audit
      """)

  @Argument(help: ArgumentHelp("Only these names.", valueName: "name"))
  var names: [String] = []

  @Flag(help: "Forget the named ones.")
  var remove = false

  @Option(name: .shortAndLong, help: "table, json or jsonl.")
  var format = OutputFormat.table

  @OptionGroup var ledger: LedgerOption
  @OptionGroup var color: ColorOption

  func validate() throws {
    if remove, names.isEmpty { throw ValidationError("--remove: name the ones to forget.") }
  }

  func run() throws {
    let session = try ledger.view()
    let found = try session?.checkpoints() ?? []
    if let missing = names.first(where: { name in !found.contains { $0.name == name } }) {
      throw Failure(
        "there is no checkpoint \(PrintableText.escaped(missing)); taro ledger checkpoints lists what there is"
      )
    }
    if remove, let session { return try forget(session.directory) }
    let table = Table(
      CheckpointText.columns, terminalColumns: Terminal.columns(1), palette: color.palette)
    var listing = Listing(
      format, "checkpoints", to: StandardOutput(), table: table, document: \CheckpointDocument.json)
    for document in found where names.isEmpty || names.contains(document.name) {
      listing.append(document)
    }
    listing.finish()
  }

  private func forget(_ directory: LedgerDirectory) throws {
    let output = StandardOutput()
    for name in names {
      do { _ = try CheckpointFile.remove(name, of: directory) } catch let refusal
        as ListenerCheckpoint.Refusal
      { throw ListenerNaming.failure(refusal, name) }
      output.write("Forgotten: \(PrintableText.escaped(name))\n")
    }
    output.flush()
  }
}
