internal import CommandLineKit
internal import Glibc
internal import Ledger
internal import Linux
internal import Settings

/// A command that asks a ledger and changes nothing: root asks another user's as that user.
protocol LedgerQuestion {
  var asked: LedgerOption { get }
}

extension LedgerQuestion where Self: HasLedger { var asked: LedgerOption { ledger } }

protocol HasLedger { var ledger: LedgerOption { get } }

extension LedgerQuestion {
  /// Becomes the ledger's owner, where root asks about somebody else's, for good and before anything there is opened: what is
  /// made (the WAL's index, read models) is the owner's then, what is locked the owner may lock, and what the owner has put there
  /// meets no rights but the owner's. Nothing is done where the ledger's directory cannot be known: the question says why.
  func becomeOwner() throws(SystemCallError) {
    guard geteuid() == 0, let loaded = try? asked.configuration.loaded(),
      let directory = try? asked.directory(loaded.configuration)
    else { return }
    var info = stat()
    guard unsafe stat(directory.path, &info) == 0, info.st_mode & S_IFMT == S_IFDIR,
      info.st_uid != 0
    else { return }
    // Of root's groups none. Real, effective and saved user are another's then: no step leads back.
    guard setgroups(0, nil) == 0, setgid(info.st_gid) == 0, setuid(info.st_uid) == 0 else {
      throw SystemCallError("setuid", directory.path)
    }
  }
}

extension Ps: LedgerQuestion, HasLedger {}
extension Hist: LedgerQuestion, HasLedger {}
extension Tail: LedgerQuestion, HasLedger {}
extension Output: LedgerQuestion, HasLedger {}
extension Grep: LedgerQuestion { var asked: LedgerOption { ledger.option } }
extension Show: LedgerQuestion, HasLedger {}
extension Diff: LedgerQuestion, HasLedger {}
extension Replay: LedgerQuestion, HasLedger {}
extension TimelineCommand: LedgerQuestion, HasLedger {}
extension Listen: LedgerQuestion, HasLedger {}
extension Wait: LedgerQuestion, HasLedger {}
extension Why: LedgerQuestion, HasLedger {}
extension Stats: LedgerQuestion, HasLedger {}
extension Export: LedgerQuestion, HasLedger {}
extension ListDisabled: LedgerQuestion, HasLedger {}
extension Expectations: LedgerQuestion, HasLedger {}
extension Check: LedgerQuestion, HasLedger {}
extension LedgerVerify: LedgerQuestion, HasLedger {}
extension LedgerHead: LedgerQuestion, HasLedger {}
extension LedgerInfo: LedgerQuestion, HasLedger {}
