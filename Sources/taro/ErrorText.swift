internal import Ledger
internal import Operations
internal import Presentation
internal import Remedies
internal import Runner
internal import Settings

/// Remedies for what the libraries say went wrong: all that this program has to say of itself, in one place.
enum ErrorText {
  private static let ofLedger = LedgerRemedies(program: "taro", again: "run this again")

  /// An error as a person is told it.
  static func of(_ error: any Error) -> String {
    switch error {
    case let error as LedgerError: ofLedger.text(error)
    case let error as ConfigurationError: text(error)
    case let error as AskedMoment.Refusal: text(error)
    default: "\(error)"
    }
  }

  private static func text(_ refusal: AskedMoment.Refusal) -> String {
    let remedy =
      switch refusal {
      case .nothingRecorded: "taro exec records"
      case .positionToCome, .timeToCome: "without --as-of the answer is that of now"
      case .noPosition: "taro show -f json tells the positions of a run's events"
      case .nothingByThen(_, let first, _): "the first answer is that of \(TimeFormat.local(first))"
      case .dropped(_, let next): "the next event that is there is \(next)"
      }
    return "--as-of: \(refusal.reason); \(remedy)"
  }

  private static func text(_ error: ConfigurationError) -> String {
    let more = error.problems.count - 1
    guard let first = error.problems.first, more > 0 else { return error.description }
    return "\(first) (and \(more) more; taro config check lists them)"
  }
}

extension RunnerVoice {
  /// The words of a runner, as this program says them.
  static let ofTaro = RunnerVoice(
    program: "taro", version: Taro.version, explain: ErrorText.of,
    remedy: { trouble in
      switch trouble {
      case .keptOutputUnreadable: "taro output has it"
      case .pluginNotFound: "taro plugins tells where it is looked for"
      case .notesDamaged: "taro ledger verify says what is there"
      case .sealedUnread: "taro ledger recover reads what can be read"
      }
    })
}
