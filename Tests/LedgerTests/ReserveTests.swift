import Glibc
import TestSupport
import Testing

@testable import Ledger

@Suite("ledger.reserve", .temporaryDirectory) struct ReserveTests {
  @Test func `one that was left unfinished is made whole`() throws {
    let directory = LedgerDirectory("\(TemporaryDirectory.path)")
    try Files.write([], to: directory.reserve)
    LedgerReserve.make(in: directory)
    expect(Files.size(directory.reserve), is: Int(LedgerReserve.bytes))
  }
}
