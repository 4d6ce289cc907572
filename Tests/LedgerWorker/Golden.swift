import Glibc
import Ledger

enum Golden {
  static func write(_ directory: LedgerDirectory) throws {}
}
