internal import ArgumentParser
internal import Bundles
internal import CommandLineKit
internal import Events
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
    case let error as RunBundle.Refusal: end(error)
    case let error as Redaction.Refusal: end(error)
    case BundleSignature.Failure.notSigned(let reason): end("not signed: \(reason)", 1)
    case BundleSignature.Failure.notChecked(let reason):
      end("the signature cannot be checked: \(reason)", EX_OSERR)
    case let error as SystemCallError where error.errno == Errno(EEXIST):
      end("\(error.description); remove it, or name another", 1)
    case let error as SystemCallError where error.call == "open" && error.errno == Errno(ENXIO):
      end("\(error.subject ?? "it") is no plain file; name one that it is saved in", EX_OSERR)
    case let error as AskedMoment.Refusal: end(ErrorText.of(error), 1)
    case let error as SystemCallError: end(error.description, EX_OSERR)
    default:
      let code = ParserReport.write(
        error, of: Taro.self, words: ExecWords(ProgramArguments.texts).forParser,
        others: Taro.namesElsewhere, optionalValues: Set(ExecWords.optionsWithDefaults.keys),
        shortened: HelpTopics.shortened)
      Glibc.exit(code.rawValue)
    }
  }

  private static func end(_ message: String, _ code: Int32, more: [String] = []) -> Never {
    StandardError.say(message)
    for line in more { ErrorOutput.write(line: line) }
    Glibc.exit(code)
  }

  /// - Parameter code: of a command to which 1 means something else, another.
  static func end(_ error: LedgerSession.NameError, _ code: Int32 = 1) -> Never {
    switch error {
    case .nothing(let name):
      end("no job or instance \(name); taro ps and taro hist list them", code)
    case .ambiguous(let name, let candidates):
      let names = candidates.prefix(10).map { "  \($0.name)" }
      end(
        "\(name) begins or ends more than one instance id; name one of", code,
        more: names + (candidates.count > 10 ? ["  ..."] : []))
    }
  }

  private static func end(_ refusal: RunBundle.Refusal) -> Never {
    switch refusal {
    case .anotherHead(let kept, let found):
      let now = found.map { "its digest is \($0)" } ?? "there is no such event"
      end(
        "event \(kept.seq): \(now) and was \(kept.digest): something up to there was rewritten, or it is another "
          + "ledger's head; taro ledger verify --against says more", EX_DATAERR)
    case .headBeforeRun(let kept, let first):
      end(
        "the run begins with event \(first), behind that head (\(kept.seq)), which proves nothing of it; "
          + "name one of its end or later", Failure.usageCode)
    case .redactedMeanwhile:
      end("somebody redacts just now; nothing was made, try again", EX_TEMPFAIL)
    case .redacted(let by):
      end(
        "something in it was redacted later, as event \(by) tells, which has to be in it: choose a --head from behind that, "
          + "and leave out --alone", Failure.usageCode)
    case .droppedMeanwhile: end("retention has dropped this run meanwhile; nothing was made", 1)
    }
  }

  private static func end(_ refusal: Redaction.Refusal) -> Never {
    switch refusal {
    case .isLive(let name): end("\(name) has not ended; taro redact is for what has", 1)
    case .unreadable(let seq):
      end(
        "the output of event \(seq) is damaged and cannot be looked through, so nothing was changed; taro ledger verify "
          + "says more", EX_DATAERR)
    case .gaveUp:
      end(
        "--pattern takes too long in what was recorded; nothing was changed, a simpler one may do",
        1)
    case .changedMeanwhile:
      end(
        "somebody else has changed or dropped the run meanwhile; nothing was changed, try again",
        EX_TEMPFAIL)
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
