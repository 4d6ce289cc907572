internal import ArgumentParser
internal import CommandLineKit
internal import Glibc
internal import Linux
internal import Presentation

// The program reserves 0 to 2 before it opens anything: no pipe of ours is to be taken for stdin, stdout or stderr.
RawIO.reserveStandardDescriptors()
StandardError.begin(program: "taroc")
tzset()
Signals.ignore(SIGPIPE)
Signals.ignore(SIGXFSZ)
_ = OpenFileLimit.raise()

do {
  if let text = try UnlistedRequest.answer(
    ProgramArguments.texts, Taroc.description, manual: { Taroc.manual })
  {
    let output = StandardOutput()
    output.write(PrintableText(verbatim: text))
    output.flush()
    exit(0)
  }
  var command = try Taroc.parseAsRoot(ProgramArguments.texts)
  try command.run()
} catch {
  ErrorReport.exit(with: error)
}
