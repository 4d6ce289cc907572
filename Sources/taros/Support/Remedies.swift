internal import Ledger
internal import Remedies
internal import Server

extension LedgerRemedies {
  static let ofTaros = LedgerRemedies(program: "taros", again: "ask again")
}

/// The remedies of refusals: the library says what and why, and this program what to do, in one place.
extension ServerRemedies {
  static let ofTaros = ServerRemedies(
    explain: LedgerRemedies.ofTaros.text,
    remedy: { trouble in
      switch trouble {
      case .needsToken: "taros token add NAME --scope read makes one"
      case .needsControl: "taros token add NAME --scope control makes one that may"
      case .mayNotSignal: "run taros as root, or as the user of the job"
      case .notCaptured: "taro exec without -b captures it"
      case .damaged: "taro ledger verify says what is left"
      case .unknownToken: "taros token list has those that are there"
      case .noDirectory: "taro exec makes it, or mkdir -m 700"
      }
    })
}
