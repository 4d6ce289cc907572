import Documents
import Events
import Glibc
import Ledger
import Linux
import TestSupport
import Testing

/// Changes as the plugins tell them, of runs that end and of what no run tells.
@Suite("taro tell", .temporaryDirectory)
struct TellTests {
  private let taro: TaroProgram
  private let programs: String

  init() throws {
    taro = try TaroProgram()
    programs = try BuiltProgram.path("taro").replacing(/\/[^\/]*$/, with: "")
  }

  private static let hour: Int64 = 3_600_000_000

  /// A plugin that notes each change in `told`, and ends with what stands in `code`.
  private func configure(_ changes: String = "all") throws {
    let note = "\(taro.root)/note"
    let script = """
      #!/bin/sh
      read -r line
      echo "$TARO_JOB $TARO_CHANGE $TARO_CHANGE_ID" >> '\(taro.root)/told'
      echo "$line" >> '\(taro.root)/documents'
      exit $(cat '\(taro.root)/code' 2>/dev/null || echo 0)
      """
    try Files.write(Array(script.utf8), to: note)
    chmod(note, 0o755)
    try taro.configure(
      "exec", directory: programs,
      settings: "  exec:\n    rules: [{changes: \(changes), run: [\(note)]}]")
  }

  private func tell(code: Int32 = 0) throws {
    try taro.run("tell", "-C", taro.configurationFile).expect(code: code, stdout: "")
  }

  private func changes() throws -> [String] {
    guard Files.exists("\(taro.root)/told") else { return [] }
    return try taro.told("told").map { line in
      line.split(separator: " ").prefix(2).joined(separator: " ")
    }
  }

  @Test func `has nothing to say of what a run has told already`() throws {
    try configure()
    try taro.execWithPlugins("backup", "sh", "-c", "echo same; echo good").expect(code: 0)
    try taro.execWithPlugins("backup", "sh", "-c", "echo same; echo bad; exit 3").expect(code: 3)
    try taro.execWithPlugins("backup", "sh", "-c", "echo same; echo bad; exit 3").expect(code: 3)
    for _ in 0..<2 { try tell() }
    try expect(changes(), is: ["backup failed"])
    try taro.execWithPlugins("backup", "true").expect(code: 0)
    try tell()
    try expect(changes(), is: ["backup failed", "backup recovered"])
    let failed = try ChangeDocument(JSON(parsing: try taro.told("documents").at(0)))
    #expect(failed.exitCode == 3)
    #expect(failed.output == ["same", "bad"])
    #expect(failed.difference == ["-good", "+bad"])
    #expect(failed.lastGood != nil)
    try expect(taro.pluginLog(), is: [])
  }

  @Test func `tells what was missed, and a run that was lost`() throws {
    try configure()
    let expectation = JobExpectation(.every(Self.hour), grace: 0, by: .thisProcess())
    try LedgerWriter(taro.ledger).append([
      NewEvent(
        at: .now - 2 * Self.hour - Self.hour / 2, mono: .now, job: "backup", instance: nil,
        kind: .jobExpected, data: expectation.json)
    ])
    try tell()
    try expect(changes(), is: ["backup missed"])
    let run = try taro.start("exec", "--id", "import", "sleep", "60")
    let running = try taro.waitForEvent("it runs") { $0.kind == .state(.running) }
    let pid = try #require(running.json["pid"]?.integer)
    kill(run.pid, SIGKILL)
    _ = try run.finish()
    kill(pid_t(pid), SIGKILL)
    try tell()
    try expect(changes(), is: ["backup missed", "import lost"])
    let lost = try ChangeDocument(JSON(parsing: try taro.told("documents").at(1)))
    #expect(lost.instance == running.instance)
    #expect(lost.state == .lost)
  }

  @Test func `tries again what nobody has taken, with the same id`() throws {
    try configure("[failed]")
    try Files.write(Array("5".utf8), to: "\(taro.root)/code")
    try taro.execWithPlugins("backup", "false").expect(code: 1)
    try expect(changes(), is: ["backup failed"])
    // It is too early.
    try tell()
    try expect(changes().count, is: 1)
    let ended = try #require(try taro.events().last { $0.kind == .tellingEnded })
    let telling = try #require(Telling(ended.json))
    #expect(telling.outcome == .failed)
    #expect(telling.channel == "exec/1")
    expect(telling.error ?? "") { $0.hasSuffix("note: exit code 5") }
    // As if it had been tried some time ago.
    var earlier = telling
    earlier.until = .now - 1
    try LedgerWriter(taro.ledger).append([
      NewEvent(
        at: .now, mono: .now, job: "backup", instance: nil, kind: .tellingEnded,
        data: earlier.json)
    ])
    try tell(code: 1)
    try expect(changes(), is: ["backup failed", "backup failed"])
    try expect(Set(taro.told("told")).count, is: 1)
    expect(try taro.run("check").text) {
      $0.contains("WARNING   1 change could not be told (exec/1: ") && $0.contains("exit code 5)")
    }
    expect(try taro.run("check", "backup").text) { !$0.contains("could not be told") }
  }

  @Test func `tells of a try only when none is left`() throws {
    try configure()
    let script = "test -e ../second || { touch ../second; exit 1; }"
    try taro.execWithPlugins("flaky", "--retry", "2", "--retry-delay", "0", "sh", "-c", script)
      .expect(code: 0)
    try expect(changes(), is: [])
    try taro.execWithPlugins("broken", "--retry", "1", "--retry-delay", "0", "false")
      .expect(code: 1)
    try expect(changes(), is: ["broken failed"])
  }

  @Test func `says that nobody would be told`() throws {
    try taro.run("tell", "--def-config").expect(code: 1, stdout: "")
      .expectOneLine(about: "names no plugins")
    try taro.configure("nosuch")
    try taro.run("tell", "-C", taro.configurationFile).expect(code: 1, stdout: "")
      .expectOneLine(about: "plugin nosuch", "is not found")
  }
}
