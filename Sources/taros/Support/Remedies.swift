internal import Ledger
internal import Remedies

extension LedgerRemedies {
  static let ofTaros = LedgerRemedies(program: "taros", again: "ask again")
}
