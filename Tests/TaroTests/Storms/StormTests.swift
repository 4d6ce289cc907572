import Glibc
import Linux
import TestSupport
import Testing

/// Whatever happens at once, and whoever is killed: what stands in the ledger is what happened.
@Suite(.temporaryDirectory, .serialized) struct StormTests {
  /// `TARO_FAULTS=full` (make faults) asks for all of it; TARO_FAULTS_ROUNDS for so many rounds.
  private static let isFull = Environment.value("TARO_FAULTS") == "full"
  private static let rounds =
    Environment.value("TARO_FAULTS_ROUNDS").flatMap { Int($0) } ?? (isFull ? 2000 : 4)
  /// In one ledger; each further storm has one of its own.
  private static let roundsInLedger = 10

  @Test
  func `many at the same moment are all recorded`() throws {
    let count = Self.isFull ? 500 : 60
    let storm = try Storm(TaroProgram(), SeededGenerator(for: "\(count) at once"))
    let micros = try storm.crowd(count)
    try storm.finish()
    print("\(count) runs were started within \(micros / 1000) ms")
    try expect(StormCheck.problems(of: storm), is: [])
    #expect(storm.runners.allSatisfy { $0.process.code == $0.code })
    try storm.taro.run("ledger", "verify").expect(code: 0, stderr: "")
  }

  @Test func `rounds of runners, readers, listeners and waiters, and kills among them`() throws {
    var (kills, rounds, number) = (0, 0, 0)
    while rounds < Self.rounds {
      number += 1
      let storm = try Storm(
        TaroProgram("storm\(number)"), SeededGenerator(for: "storm \(number)"))
      for _ in 0..<min(Self.roundsInLedger, Self.rounds - rounds) {
        try storm.round(kills: 5)
        rounds += 1
      }
      try storm.finish()
      let problems = try StormCheck.problems(of: storm)
      try #require(problems == [], "storm \(number), \(rounds) rounds")
      try storm.taro.run("ledger", "verify").expect(code: 0, stderr: "")
      kills += storm.kills
      Files.removeTree(storm.taro.root)
    }
    print("\(rounds) rounds, \(kills) kills")
    #expect(kills >= 2 * rounds)
  }
}
