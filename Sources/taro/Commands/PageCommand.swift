internal import ArgumentParser
internal import CommandLineKit
internal import Glibc
internal import Ledger
internal import Linux
internal import Presentation

struct PageCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "page",
    abstract: "Look at jobs in a browser.",
    discussion: """
      Serves the page of taros at a free port of this host until Ctrl-C, prints its address, and opens \
      it where there is a browser. Nobody but this user and root is let in. taros has to be installed.

        taro page
        taro page --port 8123 --no-browser
      """)

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("This port instead of a free one.", valueName: "number"))
  var port: UInt16 = 0

  @Flag(help: "Print the address, and open nothing.")
  var noBrowser = false

  @OptionGroup var ledger: LedgerOption

  func run() throws {
    let directory = try ledger.directory().path
    let absolute = directory.hasPrefix("/") ? directory : "\(Host.currentDirectory())/\(directory)"
    let server = try PageServer(port: port)
    // Who comes before the server is ready waits: the socket is open.
    let output = StandardOutput()
    output.write("\(server.address)\n")
    output.flush()
    if !noBrowser { PageServer.openBrowser(server.address) }
    try server.become(["--ledger", absolute])
  }
}
