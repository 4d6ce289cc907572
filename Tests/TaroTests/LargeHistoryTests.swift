internal import Events
import Ledger
import Linux
import TestSupport
import Testing

/// Memory does not grow with the history: neither with large events nor with many.
@Suite(.temporaryDirectory) struct LargeHistoryTests {
  /// The heap's limit (RLIMIT_DATA), far below what the history takes.
  private static let limit = ["prlimit", "--data=30000000"]

  @Test func `two dozen commands of a megabyte are listed and told within 30 MB`() throws {
    let taro = try TaroProgram()
    let worker = try LedgerWorker.start("fill", taro.ledger.path, "24", "7", "12", "1000000")
    try expect(worker.readLine(), is: "filled")
    for (command, lines) in [("ps", 14), ("hist", 14), ("stats", 9)] {
      let table = try taro.run(command) { $0.wrapper = Self.limit }
      #expect(table.expect(code: 0, stderr: "").lines.count == lines, "\(command)")
      try taro.run(command, "-f", "jsonl") {
        $0.wrapper = Self.limit
        $0.stdout = .file("/dev/null")
      }.expect(code: 0, stderr: "")
    }
    try taro.run("exec", "-o", "--id", "job-0", "true") { $0.wrapper = Self.limit }.expect(code: 0)
    worker.closeInput()
  }

  @Test func `show tells every event, however many there are`() throws {
    let taro = try TaroProgram()
    let writer = try LedgerWriter(taro.ledger)
    let instance = InstanceID(createdAt: WallTime.now)
    func event(_ kind: EventKind) -> NewEvent {
      NewEvent(
        at: .now, mono: .now, job: "a", instance: instance,
        kind: kind, data: .object([]))
    }
    try writer.turn(durable: false) { turn throws(LedgerError) in
      try turn.append(event(.state(.created)))
      try turn.append(event(.state(.running)))
      for _ in 0..<6000 {
        try turn.append(event(.paused))
        try turn.append(event(.resumed))
      }
      try turn.append(event(.state(.completed)))
    }
    let lines = try taro.run("show", "a").expect(code: 0, stderr: "").lines
    let timeline = lines.drop { $0 != "Timeline:" }.dropFirst()
    #expect(timeline.count == 12_003)
    #expect(timeline.last?.hasSuffix("COMPLETED") == true)
  }

  @Test func `statistics come job by job, and of each job in the order of creation`() throws {
    let taro = try TaroProgram()
    let worker = try LedgerWorker.start("fill", taro.ledger.path, "4400", "4200", "0", "0")
    try expect(worker.readLine(), is: "filled")
    let lines = try taro.run("stats", "-f", "jsonl").expect(code: 0, stderr: "").lines
    let counts = try lines.map { try JSON(parsing: $0)["count"]?.integer ?? 0 }
    #expect(counts.count == 4200)
    #expect(counts.reduce(0, +) == 4400)
    let names = try lines.map { try JSON(parsing: $0)["job"]?.string ?? "" }
    #expect(names == names.sorted())
    try expect(taro.run("hist", "-L", "-f", "jsonl").expect(code: 0).lines.count, is: 4200)
    try expect(taro.run("hist", "-s", "time", "-f", "jsonl").expect(code: 0).lines.count, is: 4400)
    worker.closeInput()
  }
}
