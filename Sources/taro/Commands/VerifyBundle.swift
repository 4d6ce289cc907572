internal import ArgumentParser
internal import Bundles
internal import CommandLineKit
internal import Documents
internal import Glibc
internal import Presentation

struct VerifyBundle: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify-bundle",
    abstract: "Check a bundle of a run, and say what it proves.",
    discussion: """
      Needs no ledger and writes nothing: it reads the file that taro bundle has made, computes every digest in it anew, and \
      says whether it is as it was made.

        taro verify-bundle case.tar
        taro verify-bundle case.tar --head "$(tail -n 1 /media/usb/heads)"
        taro verify-bundle case.tar --allowed-signers signers

      Who has made it can have made all of it up, unless a head that was kept elsewhere (taro ledger head) or a signature \
      says otherwise.

      0 whole, 1 as it was made but incomplete (output is missing in it, or the head does not prove all events), 65 refused: \
      it is not what was made, or not what was asked for.
      """)

  @Argument(
    help: ArgumentHelp("What taro bundle has made.", valueName: "file"), completion: .file())
  var file: String

  @Option(
    help: ArgumentHelp(
      "What ledger head printed once, at the run's end or later: its events were there then, as they are here.",
      valueName: "digest@seq"))
  var head: String?

  @Option(
    help: ArgumentHelp(
      "Whose signatures count: a file as ssh-keygen(1) has it under ALLOWED SIGNERS. One that is not signed is refused.",
      valueName: "file"),
    completion: .file())
  var allowedSigners: String?

  @Option(name: .shortAndLong, help: "text or json.")
  var format = ReportFormat.text

  func validate() throws { try KeptHead.validate(head) }

  func run() throws {
    let check = BundleCheck(head: try KeptHead.parse(head), allowedSigners: allowedSigners)
    let bundle = try check.run(file)
    let output = StandardOutput()
    switch format {
    case .json: output.write(pretty: bundle.json)
    case .text:
      let text = BundleText(
        bundle, headRemedy: "--head ties it to one that was kept elsewhere",
        signersRemedy: "--allowed-signers says whose that is")
      for line in text.lines { output.write("\(line)\n") }
    }
    output.flush()
    switch bundle.result {
    case .whole: break
    case .incomplete: throw ExitCode(1)
    case .refused: throw ExitCode(EX_DATAERR)
    }
  }
}
