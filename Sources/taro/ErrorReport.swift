internal import ArgumentParser
internal import CommandLineKit
internal import Glibc
internal import Ledger
internal import Linux
internal import Operations
internal import Projections
internal import Settings

/// The one place where errors become lines and exit codes.
enum ErrorReport {
  static func exit(with error: any Error) -> Never {
    switch error {
    case let code as ExitCode: Glibc.exit(code.rawValue)
    case let failure as Failure: end(failure.message, failure.code)
    case let error as LedgerError:
      if LedgerNotices.hasReported(error) { Glibc.exit(code(of: error)) }
      end(ErrorText.of(error), code(of: error))
    case let error as ConfigurationError: end(ErrorText.of(error), EX_CONFIG)
    case let error as SettingError: end(error.description, Failure.usageCode)
    case let error as LedgerSession.NameError: end(error)
    case let error as SystemCallError: end(error.description, EX_OSERR)
    default: Glibc.exit(ParserReport.write(error, of: Taro.self).rawValue)
    }
  }

  private static func end(_ message: String, _ code: Int32, more: [String] = []) -> Never {
    StandardError.say(message)
    for line in more { ErrorOutput.write(line: line) }
    Glibc.exit(code)
  }

  private static func end(_ error: LedgerSession.NameError) -> Never {
    switch error {
    case .nothing(let name): end("no job or instance \(name); taro ps and taro hist list them", 1)
    case .ambiguous(let name, let candidates):
      let names = candidates.prefix(10).map { "  \($0.name)" }
      end(
        "\(name) begins more than one instance id; name one of", 1,
        more: names + (candidates.count > 10 ? ["  ..."] : []))
    }
  }

  private static func code(of error: LedgerError) -> Int32 {
    switch error {
    case .missing, .ended, .conflict, .impossibleTransition: 1
    case .unsafe, .networkFileSystem, .noQueue: EX_CONFIG
    case .notWritable: EX_NOPERM
    case .full, .inputOutput: EX_IOERR
    case .damaged, .interrupted, .newerFormat: EX_DATAERR
    case .queueTimedOut, .databaseHeld, .walTakenAway, .projectionsHeld, .replaced, .notNotified:
      EX_TEMPFAIL
    }
  }
}
