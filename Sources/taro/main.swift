internal import ArgumentParser
internal import CommandLineKit
internal import Glibc
internal import Linux
internal import Presentation

// The program reserves 0 to 2 before it opens anything: a job that is run with a closed stdin must not find a file of
// ours there.
RawIO.reserveStandardDescriptors()
StandardError.begin(program: "taro")
tzset()

do {
  let words = ExecWords(ProgramArguments.texts)
  if words.startsJob { CallerLimits.lift() } else { CallerLimits.liftFileSize() }
  if words.commandCount == 0,
    let text = try UnlistedRequest.answer(
      words.forParser, Taro.description, topics: HelpTopics.text, manual: { Taro.manual })
  {
    Signals.ignore(SIGPIPE)
    let output = StandardOutput()
    output.write(PrintableText(verbatim: text))
    output.flush()
    exit(0)
  }
  var command = try parse(words.forParser)
  // exec looks first at what it was started with, and passes that on to its job.
  if !(command is Exec || command is ExecInFull) {
    Signals.ignore(SIGPIPE)
    // taro reports a file size limit of the caller's, and is not killed by it.
    Signals.ignore(SIGXFSZ)
  }
  if let question = command as? any LedgerQuestion { try question.becomeOwner() }
  try command.run()
} catch {
  ErrorReport.exit(with: error)
}

/// Parses `exec` alone, without the tree of the others: it stands in every crontab line, and starts sooner so (7.6
/// instead of 15 million instructions [measured]). The whole parser tells what is wrong with its options.
func parse(_ arguments: [String]) throws -> any ParsableCommand {
  if arguments.first == "exec" {
    let options = Array(arguments.dropFirst())
    if let exec = try? Exec.parse(options) { return exec }
    if let exec = try? ExecInFull.parse(options) { return exec }
  }
  return try Taro.parseAsRoot(arguments)
}
