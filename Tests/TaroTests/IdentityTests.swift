internal import Events
import Glibc
import Ledger
import TestSupport
import Testing

/// A cursor is a ledger's id and a position: whatever is not that ledger any more needs another id.
@Suite(.temporaryDirectory) struct IdentityTests {
  private func id(_ taro: TaroProgram, _ directory: String) throws -> String {
    try LedgerReader(LedgerDirectory(directory)).ledgerID
  }

  private func causes(_ directory: String) throws -> [Identified.Cause] {
    try LedgerReader(LedgerDirectory(directory)).events(after: 0, limit: .max)
      .filter { $0.kind == .identified }.map { Identified($0.json).cause }
  }

  @Test func `a copy gets an id of its own, and the chain goes on`() throws {
    let taro = try TaroProgram()
    try taro.exec("a", "true")
    try taro.run("hist").expect(code: 0)
    let (old, copy) = (taro.ledger.path, "\(taro.root)/copy")
    let before = try id(taro, old)
    try taro.shell("cp -a \"$TARO_LEDGER\" \(copy)").expect(code: 0)
    // Reading changes nothing.
    try taro.run("hist", "--ledger", copy).expect(code: 0)
    try expect(id(taro, copy), is: before)
    try taro.run("exec", "--ledger", copy, "--id", "b", "true").expect(code: 0, stderr: "")
    let after = try id(taro, copy)
    #expect(after != before)
    try expect(causes(copy), is: [.otherFile])
    try taro.run("ledger", "verify", "--ledger", copy).expect(code: 0, stderr: "")
    // Once.
    try taro.run("exec", "--ledger", copy, "--id", "b", "true").expect(code: 0, stderr: "")
    try expect(id(taro, copy), is: after)
    try taro.run("exec", "true").expect(code: 0, stderr: "")
    try expect(id(taro, old), is: before)
    try expect(causes(old), is: [])
  }

  @Test func `a ledger that was moved stays who it is`() throws {
    let taro = try TaroProgram()
    try taro.exec("a", "true")
    let (before, moved) = (try id(taro, taro.ledger.path), "\(taro.root)/moved")
    #expect(rename(taro.ledger.path, moved) == 0)
    try taro.run("exec", "--ledger", moved, "true").expect(code: 0, stderr: "")
    try expect(id(taro, moved), is: before)
  }

  @Test func `an older state that is put back is another ledger`() throws {
    let taro = try TaroProgram()
    try taro.exec("a", "true")
    let files = ["ledger.db", "ledger.db-wal"].map { "\(taro.ledger.path)/\($0)" }
    let old = try files.map { try Files.contents($0) }
    try taro.exec("b", "true")
    let listener = try taro.start("listen", "--all", "--checkpoint", "audit")
    while try !listener.readLine().contains("b@") {}
    try eventually("its checkpoint") {
      Files.exists("\(taro.ledger.path)/checkpoints/audit")
    }
    try expect(listener.end(with: SIGTERM).code, is: 0)
    let before = try id(taro, taro.ledger.path)
    for (file, bytes) in zip(files, old) {
      // Written over the same file, it would be one that has lost its end.
      try Files.write(bytes, to: "\(file).old")
      #expect(rename("\(file).old", file) == 0)
    }
    unlink("\(taro.ledger.path)/ledger.db-shm")
    try taro.exec("c", "true")
    try expect(causes(taro.ledger.path), is: [.wentBack])
    try expect(id(taro, taro.ledger.path), isNot: before)
    try expect(taro.events(ofJob: "b")) { $0.isEmpty }
    try expect(taro.run("hist", "b").text.contains(" b "), is: false)
    try taro.run("ledger", "verify").expect(code: 0, stderr: "")
    let again = try taro.start("listen", "--all", "--checkpoint", "audit")
    try expect(again.readLine(.stderr)) { $0.contains("of another ledger") }
    _ = try again.end(with: SIGTERM)
  }

  @Test func `another machine shows`() throws {
    let taro = try TaroProgram()
    try taro.exec("a", "true")
    let before = try id(taro, taro.ledger.path)
    try taro.forgePlace { "0123456789abcdef" + $0.drop { $0 != " " } }
    try taro.exec("b", "true")
    try expect(causes(taro.ledger.path), is: [.otherMachine])
    let after = try id(taro, taro.ledger.path)
    #expect(after != before)
    // Both write it from now on (a container and its host): neither is new again.
    var machines: [Substring] = []
    try taro.forgePlace { place in
      machines = place.prefix { $0 != " " }.split(separator: ",").reversed()
      return machines.joined(separator: ",") + place.drop { $0 != " " }
    }
    #expect(machines.first == "0123456789abcdef")
    #expect(machines.count == 2)
    try taro.exec("b", "true")
    try expect(id(taro, taro.ledger.path), is: after)
    // A machine without an id tells nothing.
    try taro.forgePlace { String($0.drop { $0 != " " }) }
    try taro.exec("c", "true")
    try expect(causes(taro.ledger.path), is: [.otherMachine])
  }
}
