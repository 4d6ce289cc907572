import Glibc
internal import Ledger
import Linux
import TestSupport
import Testing

/// The programs themselves over a ledger with a byte changed or its end cut off; Tests/LedgerTests/DamageTests.swift
/// tries each place, in processes that are faster.
@Suite(.temporaryDirectory) struct DamagedLedgerTests {
  /// `TARO_FAULTS=full` (make faults) tries more.
  private static let rounds = Environment.value("TARO_FAULTS") == "full" ? 1500 : 8

  @Test func `no command crashes, and the job runs whatever its ledger is`() throws {
    let taro = try TaroProgram()
    try taro.exec("whole", "seq", "1000")
    try taro.exec("failed", "false", code: 1)
    try taro.run("hist").expect(code: 0)
    let names = ["ledger.db", "ledger.db-wal", "projections.db", "projections.db-wal"]
    let whole = try names.map { name in
      let path = "\(taro.ledger.path)/\(name)"
      return (path, Files.exists(path) ? try Files.contents(path) : [])
    }
    var random = SeededGenerator(for: "damaged ledgers")
    for round in 0..<Self.rounds {
      Files.removeTree(taro.ledger.path)
      mkdir(taro.ledger.path, 0o700)
      let victim = random.below(whole.count)
      var note = ""
      for (index, (path, bytes)) in whole.enumerated() where !bytes.isEmpty {
        var bytes = bytes
        if index == victim { note = Self.damage(&bytes, &random) }
        try Files.write(bytes, to: path)
      }
      try check(taro, "round \(round): \(names[victim]), \(note)")
    }
  }

  private static func damage(_ bytes: inout [UInt8], _ random: inout SeededGenerator) -> String {
    // Half of the time where every byte means much.
    let place = random.below(random.chance(50) ? min(200, bytes.count) : bytes.count)
    guard random.chance(75) else {
      bytes.removeSubrange(place...)
      return "cut at \(place)"
    }
    bytes[place] ^= UInt8(1 + random.below(255))
    return "byte \(place)"
  }

  private func check(_ taro: TaroProgram, _ note: String) throws {
    let new = "\(taro.root)/recovered"
    for words in [
      ["ledger", "verify"], ["ledger", "info"], ["ps"], ["hist", "-f", "jsonl"],
      ["output", "whole"], ["tail"], ["ledger", "recover", taro.ledger.database, "--into", new],
    ] {
      let result = try taro.runAll(words)
      #expect(result.code != nil, "\(note)\n\(result)")
      // 64 is a mistake of whoever asked.
      #expect(result.code != 64, "\(note)\n\(result)")
      if words == ["output", "whole"], result.code == 0, result.stderr.isEmpty {
        #expect(result.text == (1...1000).map { "\($0)\n" }.joined(), "\(note)")
      }
    }
    let result = try taro.run("exec", "--id", "next", "sh", "-c", "echo out; exit 3")
    #expect(result.code == 3, "\(note)\n\(result)")
    #expect(result.text == "out\n", "\(note)\n\(result)")
    #expect(result.errorLines.count <= 1, "\(note)\n\(result)")
    Files.removeTree(new)
  }
}
