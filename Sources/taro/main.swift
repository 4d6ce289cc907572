internal import ArgumentParser
internal import Glibc
internal import Linux

// Before anything is opened: a job that is run with a closed stdin must not find a file of ours there.
RawIO.reserveStandardDescriptors()
tzset()

do {
  let words = ExecWords(Array(CommandLine.arguments.dropFirst()))
  var command = try Taro.parseAsRoot(words.forParser)
  // exec looks at what it was started with first, and passes that on to its job.
  if !(command is Exec) { Signals.ignore(SIGPIPE) }
  try command.run()
} catch {
  ErrorReport.exit(with: error)
}
