internal import ArgumentParser
internal import CommandLineKit
internal import Glibc
internal import Linux
internal import Presentation

// The program reserves 0 to 2 before it opens anything: no file of ours is to be taken for stdin, stdout or stderr.
RawIO.reserveStandardDescriptors()
StandardError.begin(program: "taros")
tzset()
Signals.ignore(SIGPIPE)
Signals.ignore(SIGXFSZ)

do {
  if let text = try UnlistedRequest.answer(
    ProgramArguments.texts, Taros.description, manual: { Taros.manual })
  {
    let output = StandardOutput()
    output.write(PrintableText(verbatim: text))
    output.flush()
    exit(0)
  }
  var command = try Taros.parseAsRoot(ProgramArguments.texts)
  if let start = command as? Start {
    try await start.serve()
  } else {
    try command.run()
  }
} catch {
  ErrorReport.exit(with: error)
}
