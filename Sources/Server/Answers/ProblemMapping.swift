internal import Documents
internal import Events
internal import HTTPTypes
internal import Ledger
internal import Operations
internal import Projections
internal import Settings

/// The one place where errors become problem documents.
extension Problem {
  /// Fails where nobody is there any more who could read the answer.
  /// - Parameter remedies: say what to do, as the program has it.
  init?(_ error: any Error, remedies: ServerRemedies) {
    switch error {
    case let problem as Problem: self = problem.told(by: remedies)
    case let error as LedgerError: self.init(error, remedies.explain(error))
    case let error as LedgerSession.NameError: self.init(error)
    case let refusal as AskedMoment.Refusal: self = .notFound("as_of: \(refusal.reason)")
    case let error as SettingError:
      self = .badParameter(error.setting ?? "", error.text, error.reason)
    case let error as TokenFile.Failure: self = Problem(error).told(by: remedies)
    case is WorkQueue<SessionKeeper>.Full:
      self = .busy("more questions wait for the ledger than it can answer; ask again")
    case let missing as OutputMissing: self = missing.problem.told(by: remedies)
    case is CancellationError: return nil
    default: self = .mistake
    }
  }

  private init(_ error: LedgerError, _ detail: String) {
    switch error {
    case .missing: self = .notFound(detail)
    case .ended:
      self = Problem(
        name: "ended", title: "It has ended", status: .conflict, detail: detail)
    case .conflict, .impossibleTransition: self = .conflict(detail)
    case .unsafe, .networkFileSystem, .notWritable, .full, .damaged, .interrupted, .noQueue,
      .newerFormat, .inputOutput:
      self = Problem(
        name: "ledger-unusable", title: "The ledger cannot be used", status: .serviceUnavailable,
        detail: detail)
    case .replaced, .queueTimedOut, .databaseHeld, .walTakenAway, .projectionsHeld, .notNotified:
      self = .busy(detail)
    }
  }

  private init(_ error: LedgerSession.NameError) {
    switch error {
    case .nothing(let name):
      self = .notFound(
        "there is no instance \(Self.quoted(name)); GET /instances?include=all lists what there is")
    case .ambiguous(let name, let candidates):
      self = Problem(
        name: "ambiguous", title: "Ambiguous name", status: .conflict,
        detail:
          "\(Self.quoted(name)) begins or ends more than one instance id; name one of the candidates"
      )
      members = [JSON.Member("candidates", .strings(candidates.prefix(10).map(\.name)))]
    }
  }

  private init(_ failure: TokenFile.Failure) {
    self =
      switch failure {
      case .taken, .unknown: .conflict(failure.description)
      case .held: .busy(failure.description)
      case .unusable, .noLedger:
        Problem(
          name: "tokens-unusable", title: "The tokens cannot be used", status: .serviceUnavailable,
          detail: failure.description)
      }
    trouble = failure.trouble
  }
}
