import Glibc
import TestSupport
import Testing

@testable import Ledger
@testable import Maintenance

/// The directory beside its place in which a ledger is made.
@Suite(.temporaryDirectory) struct UnfinishedLedgerTests {
  private var target: String { "\(TemporaryDirectory.path)/new" }
  private var partial: String { "\(target).partial" }

  /// What somebody leaves who is killed there.
  private func leave(_ others: String...) throws {
    try #require(mkdir(partial, 0o700) == 0)
    for name in [".unfinished", "ledger.db", "ledger.db-wal"] + others {
      try Files.write([1], to: "\(partial)/\(name)")
    }
    try #require(mkdir("\(partial)/run", 0o700) == 0)
  }

  private func expectRefused(about words: String) {
    do throws(LedgerError) {
      _ = try UnfinishedLedger.begin(beside: target)
      Issue.record("it was taken over")
    } catch { #expect("\(error)".contains(words), "\(error)") }
  }

  @Test func `one that nobody holds is taken over, empty`() throws {
    try leave()
    let ledger = try UnfinishedLedger.begin(beside: target)
    #expect(Files.names(in: partial) == [".unfinished"])
    expectRefused(about: "\(partial): somebody else is making a ledger in it")
    try Files.write([2], to: ledger.directory.database)
    try ledger.publish()
    #expect(Files.names(in: target) == ["ledger.db"])
    #expect(!Files.exists(partial))
  }

  @Test func `one whose maker was killed before he had made his mark is taken over`() throws {
    try #require(mkdir(partial, 0o700) == 0)
    let ledger = try UnfinishedLedger.begin(beside: target)
    expectRefused(about: "\(partial): somebody else is making a ledger in it")
    try ledger.publish()
    #expect(Files.names(in: target) == [])
  }

  @Test func `one that is given up is gone`() throws {
    let ledger = try UnfinishedLedger.begin(beside: target)
    try Files.write([2], to: ledger.directory.database)
    ledger.discard()
    #expect(Files.names(in: TemporaryDirectory.path) == [])
  }

  @Test func `where somebody has put anything of his, nothing is removed`() throws {
    try leave("spool")
    let names = Files.names(in: partial)
    expectRefused(about: "\(partial): it is there already")
    #expect(Files.names(in: partial) == names)
    unlink("\(partial)/spool")
    unlink("\(partial)/.unfinished")
    expectRefused(about: "\(partial): it is there already")
    #expect(Files.exists("\(partial)/ledger.db"))
  }

  @Test func `nothing is removed through a link`() throws {
    try leave()
    let elsewhere = "\(TemporaryDirectory.path)/elsewhere"
    try #require(mkdir(elsewhere, 0o700) == 0)
    try Files.write([3], to: "\(elsewhere)/kept")
    rmdir("\(partial)/run")
    try #require(symlink(elsewhere, "\(partial)/run") == 0)
    _ = try UnfinishedLedger.begin(beside: target)
    #expect(Files.names(in: elsewhere) == ["kept"])
    Files.removeTree(partial)
    try #require(symlink(elsewhere, partial) == 0)
    expectRefused(about: "it is there already")
    #expect(Files.names(in: elsewhere) == ["kept"])
  }
}
