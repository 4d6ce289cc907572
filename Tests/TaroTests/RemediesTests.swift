import Ledger
import Settings
import TestSupport
import Testing

@testable import taro

/// Errors as a person is told them: what, why, and what to do.
@Suite struct RemediesTests {
  @Test(arguments: [
    (LedgerError.unsafe(path: "/l", .isWritable(mode: "777")), "run: chmod go-w /l"),
    (.unsafe(path: "/l", .isWritable(mode: "2770")), "run: chmod go-w /l; who may only read"),
    (.unsafe(path: "/l", .isForeign(owner: "ann")), "--ledger or TARO_LEDGER"),
    (.damaged(path: "/l", reason: "x"), "taro ledger verify says what is left"),
    (.queueTimedOut(path: "/l", milliseconds: 7), "fuser -v /l/ledger.lock"),
    (.databaseHeld(path: "/l"), "fuser -v /l/ledger.db"),
    (.walTakenAway(path: "/l"), "fuser -v /l/ledger.db-shm"),
    (.newerFormat(path: "/l", version: 2), "update this one"),
    (.full(path: "/l", reason: "no space left"), "free some space there"),
    (.networkFileSystem(path: "/l", type: "virtiofs"), "ledger.file_system: local"),
  ])
  func `name the way out`(error: LedgerError, remedy: String) {
    let text = ErrorText.of(error)
    #expect(text.hasPrefix("\(error); "))
    #expect(text.contains(remedy))
  }

  @Test func `say nothing where nothing is to be done`() {
    let error = LedgerError.missing(path: "/l")
    #expect(ErrorText.of(error) == error.description)
  }
}
