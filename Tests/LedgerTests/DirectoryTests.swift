import Glibc
import Ledger
import SQLite
import TestSupport
import Testing

@Suite(.temporaryDirectory) struct DirectoryTests {
  private var directory: LedgerDirectory { TemporaryDirectory.ledger }

  @Test(arguments: [0o000, 0o022, 0o077, 0o777])
  func `the ledger is private whatever the umask`(umask: Int) throws {
    let nested = LedgerDirectory("\(TemporaryDirectory.path)/some/where/ledger")
    let worker = try LedgerWorker.start("umask", nested.path, "\(umask)")
    try expect(worker.readLine(), is: "made")
    for folder in ["some", "some/where", "some/where/ledger", "some/where/ledger/run"] {
      #expect(Files.mode("\(TemporaryDirectory.path)/\(folder)") == 0o700, "\(folder)")
    }
    let names = Files.names(in: nested.path)
    // There where there is room for it.
    #expect(
      names.filter { $0 != "ledger.reserve" } == [
        "ledger.bell", "ledger.db", "ledger.db-shm", "ledger.db-wal", "ledger.lock", "run",
      ])
    for name in names where name != "run" {
      #expect(Files.mode("\(nested.path)/\(name)") == 0o600, "\(name)")
    }
    let runs = Files.names(in: nested.runDirectory)
    #expect(runs.count == 1)
    for name in runs {
      #expect(Files.mode("\(nested.runDirectory)/\(name)") == 0o600, "\(name)")
    }
    worker.closeInput()
    try expect(worker.wait(), is: .exited(0))
    #expect(Files.names(in: nested.runDirectory) == [])
  }

  @Test func `a directory of somebody else is refused with its path and its owner`() throws {
    // Only root can give a directory away; everybody else finds one that is root's.
    let foreign: LedgerDirectory
    if geteuid() == 0 {
      _ = try LedgerWriter(directory)
      #expect(chown(directory.path, 4_000_000_123, 0) == 0)
      foreign = directory
    } else {
      foreign = LedgerDirectory("/usr")
    }
    for error in [openFailure(foreign), readFailure(foreign)] {
      guard case .unsafe(foreign.path, .isForeign) = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
      let message = error?.description ?? ""
      #expect(message.contains(foreign.path))
      #expect(message.contains("belongs to \(geteuid() == 0 ? "4000000123" : "root")"))
    }
  }

  private func openFailure(_ directory: LedgerDirectory) -> LedgerError? {
    do throws(LedgerError) {
      _ = try LedgerWriter(directory)
      return nil
    } catch { return error }
  }

  private func readFailure(_ directory: LedgerDirectory) -> LedgerError? {
    do throws(LedgerError) {
      _ = try LedgerReader(directory)
      return nil
    } catch { return error }
  }

  @Test(arguments: [0o720, 0o702, 0o777, 0o1777] as [UInt32])
  func `a directory that others can write is refused with its mode`(mode: UInt32) throws {
    _ = try LedgerWriter(directory)
    #expect(chmod(directory.path, mode) == 0)
    for error in [openFailure(directory), readFailure(directory)] {
      guard case .unsafe(directory.path, .isWritable) = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
      #expect(error?.description.contains("mode \(String(mode, radix: 8))") == true)
    }
    #expect(chmod(directory.path, 0o755) == 0)
    _ = try LedgerWriter(directory)
    _ = try LedgerReader(directory)
  }

  @Test func `a file in the directory's place is refused`() throws {
    try Files.write([], to: directory.path)
    guard case .unsafe(directory.path, .isNoDirectory) = openFailure(directory) else {
      Issue.record("a file was taken for a directory")
      return
    }
  }

  @Test func `a directory below a file cannot be made, and the message says which`() throws {
    try Files.write([], to: "\(TemporaryDirectory.path)/file")
    let below = LedgerDirectory("\(TemporaryDirectory.path)/file/ledger")
    guard case .notWritable(below.path, let reason) = openFailure(below) else {
      Issue.record("a directory was made below a file")
      return
    }
    #expect(reason.contains("Not a directory"))
  }

  @Test func `reading where nothing was run says so and makes nothing`() throws {
    guard case .missing(directory.path) = readFailure(directory) else {
      Issue.record("a missing directory was read")
      return
    }
    #expect(!Files.exists(directory.path))
    #expect(mkdir(directory.path, 0o700) == 0)
    guard case .missing = readFailure(directory) else {
      Issue.record("an empty directory was read")
      return
    }
    #expect(Files.names(in: directory.path) == [])
  }

  @Test func `a ledger whose maker was killed is missing for readers and made by the next writer`()
    throws
  {
    #expect(mkdir(directory.path, 0o700) == 0)
    try Files.write([], to: directory.database)
    guard case .missing = readFailure(directory) else {
      Issue.record("a ledger without a schema was read")
      return
    }
    let writer = try LedgerWriter(directory)
    #expect(writer.reader.ledgerID.utf8.count == 32)
    try expect(LedgerReader(directory).ledgerID, is: writer.reader.ledgerID)
  }

  @Test func `a newer format is refused by writers and readers`() throws {
    _ = try LedgerWriter(directory)
    let foreign = try Connection(directory.database, .readWrite, busyMilliseconds: 0)
    // A later version may have moved whatever it likes.
    try foreign.execute("PRAGMA user_version = 2; ALTER TABLE meta RENAME TO facts")
    for error in [openFailure(directory), readFailure(directory)] {
      guard case .newerFormat(directory.path, version: 2) = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
      #expect(error?.description.contains("has format 2") == true)
    }
  }

  @Test func `a file that is no database is a damaged ledger`() throws {
    #expect(mkdir(directory.path, 0o700) == 0)
    try Files.write([UInt8](repeating: 0x61, count: 8192), to: directory.database)
    for error in [openFailure(directory), readFailure(directory)] {
      guard case .damaged(directory.path, _) = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
    }
  }

  @Test func `a ledger keeps its id`() throws {
    let id = try LedgerWriter(directory).reader.ledgerID
    try expect(LedgerWriter(directory).reader.ledgerID, is: id)
    try expect(LedgerReader(directory).ledgerID, is: id)
    let other = LedgerDirectory("\(TemporaryDirectory.path)/other")
    try expect(LedgerWriter(other).reader.ledgerID, isNot: id)
  }
}
