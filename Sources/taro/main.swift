internal import ArgumentParser
internal import CommandLineKit
internal import Glibc
internal import Linux
internal import Presentation

// Before anything is opened: a job that is run with a closed stdin must not find a file of ours there.
RawIO.reserveStandardDescriptors()
StandardError.begin(program: "taro")
tzset()

do {
  let words = ExecWords(ProgramArguments.texts)
  if words.startsJob { CallerLimits.lift() } else { CallerLimits.liftFileSize() }
  if words.commandCount == 0,
    let text = try UnlistedRequest.answer(
      words.forParser, Taro.description, manual: { Taro.manual })
  {
    Signals.ignore(SIGPIPE)
    let output = StandardOutput()
    output.write(PrintableText(verbatim: text))
    output.flush()
    exit(0)
  }
  var command = try parse(words.forParser)
  // exec looks at what it was started with first, and passes that on to its job.
  if !(command is Exec) {
    Signals.ignore(SIGPIPE)
    // A file size limit of the caller's is told, and kills nobody.
    Signals.ignore(SIGXFSZ)
  }
  try command.run()
} catch {
  ErrorReport.exit(with: error)
}

/// `exec` stands in every crontab line: parsed alone, without the tree of the others, it starts sooner (7.6 instead
/// of 15 million instructions [measured]). What is wrong with its options is told by the whole parser.
func parse(_ arguments: [String]) throws -> any ParsableCommand {
  if arguments.first == "exec", let exec = try? Exec.parse(Array(arguments.dropFirst())) {
    return exec
  }
  return try Taro.parseAsRoot(arguments)
}
