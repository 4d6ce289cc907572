import Events
import Glibc
import Ledger
import SQLite
import TestSupport
import Testing

@Suite("taro redact", .temporaryDirectory)
struct RedactTests {
  private let taro: TaroProgram
  private let secret = "hunter2SECRET"

  init() throws { taro = try TaroProgram() }

  private func redact(_ words: String...) throws -> TaroResult {
    try taro.runAll(["redact"] + words + ["--pattern", secret, "--force"])
  }

  /// All files of the ledger that have these bytes.
  private func places(of text: String) throws -> [String] {
    let found = try taro.shell("grep -rlaF -- '\(text)' \"$TARO_LEDGER\"")
    return found.lines.sorted()
  }

  /// Everything of a run that can have a secret: output in one piece and across pieces, in both streams, command, parameters,
  /// environment, status, warning, reason.
  private func runWithSecrets(_ id: String = "a") throws {
    let script = """
      echo 'first line'; printf 'key=%s' "$A"; sleep 0.4; printf '%s;\\n' "$B"; echo "err hunter2SECRET" >&2; \
      echo "failed hunter2SECRET hunter2SECRET"; printf 'last hunter2SECRET'; exit 3
      """
    try taro.run(
      "exec", "--id", id, "--param", "token=\(secret)", "--env", "KEY=\(secret)",
      "--record-env=KEY", "--warn-output", "failed.*", "sh", "-c", script
    ) { $0.environment.merge(["A": "hunter2", "B": "SECRET"]) { $1 } }.expect(code: 3)
  }

  @Test func `leaves the secret in no file and no answer, and the ledger is good`() throws {
    try runWithSecrets()
    try taro.exec("b", "echo", "other")
    let head = try #require(try taro.run("ledger", "head").lines.first)
    try taro.run("ps").expect(code: 0)
    try taro.run("hist").expect(code: 0)
    try #require(places(of: secret).count > 1)
    let done = try redact("a", "--reason", "printed by mistake").expect(code: 0, stderr: "")
    #expect(done.lines.first?.contains(" places, in ") ?? false, "\(done)")
    #expect(done.text.contains("not reached  mails, logs, bundles"), "\(done)")
    expect(try places(of: secret), is: [])
    let output = try taro.run("output", "a").expect(code: 0).text
    #expect(output.contains("first line\nkey=[redacted];\n"), "\(output)")
    #expect(output.contains("last [redacted]"), "\(output)")
    for words in [
      ["show", "a"], ["hist", "-f", "json"], ["tail", "a"], ["output", "a"], ["stats"],
      ["export", "-f", "jsonl"], ["export", "a", "-f", "otlp-json"], ["export", "-f", "junit"],
    ] {
      let answer = try taro.runAll(words)
      #expect(!answer.text.contains(secret), "\(words)\n\(answer)")
    }
    let verified = try taro.run("ledger", "verify", "--against", head).expect(code: 0)
    #expect(verified.text.contains("redacted     "), "\(verified)")
    #expect(verified.text.contains("read models  agree"), "\(verified)")
    let event = try #require(try taro.events().last)
    #expect(event.kind == .redacted && event.instance == nil)
    let told = try #require(Redacted(event.json))
    #expect(told.job == "a" && told.by.reason == "printed by mistake" && told.places >= 9)
    #expect(!event.data.contains(secret))
    // The events go on to be appended to.
    try taro.exec("c", "true")
    try taro.run("ledger", "verify").expect(code: 0)
    expect(try places(of: secret), is: [])
  }

  @Test func `the amount of output is told as it is now, and the same with --keep-length`() throws {
    for (id, words, length) in [("a", [], 0), ("b", ["--keep-length"], 1)]
      as [(String, [String], Int)]
    {
      try taro.exec(id, "sh", "-c", "echo \(secret); echo x\(secret)y >&2")
      try taro.runAll(["redact", id, "--pattern", secret, "--force"] + words).expect(code: 0)
      let output = try taro.run("output", id).expect(code: 0).stdout
      let shown = try JSON(parsing: taro.run("show", id, "-f", "json").expect(code: 0).text)
      let bytes = shown["output"]?["stdout_bytes"]?.integer
      if length == 1 {
        #expect(output == Array("[redacted...]\nx[redacted...]y\n".utf8))
        #expect(bytes == 14)
      } else {
        #expect(output == Array("[redacted]\nx[redacted]y\n".utf8))
        #expect(bytes == 11)
      }
      try taro.run("ledger", "verify").expect(code: 0)
    }
  }

  @Test func `is refused where there is nothing to do, or nothing may be done`() throws {
    try taro.exec("a", "echo", "x")
    let head = try taro.run("ledger", "head").text
    try redact("a").expect(code: 1, stdout: "").expectOneLine(about: "nothing in a@", "matches")
    try redact("none").expect(code: 1).expectOneLine(about: "none")
    try taro.run("redact", "a", "--pattern", "x").expect(code: 64).expectOneLine(
      about: "--force")
    for words in [
      ["redact", "a", "--pattern", "("], ["redact", "a", "--pattern", ""], ["redact", "a"],
    ] { try taro.runAll(words + ["--force"]).expect(code: 64, stdout: "") }
    try taro.run("redact", "a", "--pattern", "(x+x+)+y|(?:a|aa)+$", "--force").expect(code: 1)
    let live = try taro.startJob("live")
    try taro.run("redact", "live", "--pattern", "x", "--force").expect(code: 1).expectOneLine(
      about: "live@", "has not ended")
    live.closeInput()
    try live.finish().expect(code: 0)
    #expect(try taro.run("ledger", "head").text != head)
    #expect(try !taro.events().contains { $0.kind == .redacted })
  }

  @Test func `is done in how a run ended, and why`() throws {
    let job = try taro.startJob("a")
    try taro.run("stop", "a", "--force", "--reason", "pw is \(secret)").expect(code: 0)
    try job.finish().expect(code: 143)
    _ = try taro.run("exec", "--id", "b", "/opt/\(secret)/tool")
    // The last line, in a run whose output is as long afterwards.
    try taro.exec("c", "sh", "-c", "printf hunter2; printf SECRET; exit 1", code: 1)
    for id in ["a", "b", "c"] {
      // What was printed last stands in hist alone.
      let asking = id == "c" ? "hist" : "why"
      try expect(taro.run(asking, id).text) { $0.contains(secret) }
      let words = id == "c" ? ["--keep-length"] : []
      try taro.runAll(["redact", id, "--pattern", secret, "--force"] + words).expect(
        code: 0, stderr: "")
      for command in [[asking, id], ["hist"], ["show", id, "-f", "json"]] {
        let answer = try taro.runAll(command).expect(code: 0).text
        #expect(answer.contains("[redacted"), "\(answer)")
      }
      try expect(taro.run("hist", id).text) { !$0.contains(secret) }
    }
    expect(try places(of: secret), is: [])
    try taro.run("ledger", "verify").expect(code: 0)
  }

  @Test func `says that the id of a job stays`() throws {
    try taro.run("exec", "sh", "-c", "echo \(secret)").expect(code: 0)
    let id = try #require(try taro.events().first?.instance).text
    let told = try redact(id).expect(code: 1)
    told.expectOneLine(about: "the id of the job has it too", "--id")
    #expect(told.text.contains("redacted     ") && !told.stderr.contains(secret), "\(told)")
    try taro.run("output", id).expect(stdout: "[redacted]\n")
    try redact(id).expect(code: 1, stdout: "").expectOneLine(about: "the id of the job has it")
    try taro.run("ledger", "verify").expect(code: 0)
  }

  @Test func `damage of what was redacted is found, also where the secret is put back`() throws {
    try runWithSecrets()
    try redact("a").expect(code: 0)
    for sql in [
      "UPDATE event SET data = replace(data, '[redacted]', 'else') WHERE kind = 'created'",
      "UPDATE event SET data = replace(data, '[redacted]', '\(secret)') WHERE kind = 'created'",
      "UPDATE output SET runs = CAST(runs || x'00' AS BLOB)",
      "INSERT INTO redacted VALUES (2, 3)",
      "DELETE FROM redacted",
    ] {
      let copy = "\(taro.root)/copy"
      try taro.shell("rm -rf ../copy; cp -a \"$TARO_LEDGER\" ../copy").expect(code: 0)
      try Connection("\(copy)/ledger.db", .readWrite, busyMilliseconds: 1000).execute(sql)
      let verified = try taro.run("ledger", "verify", "--ledger", copy)
      #expect(verified.code == 65, "\(sql)\n\(verified)")
    }
    let trigger = try Connection(taro.ledger.database, .readWrite, busyMilliseconds: 1000)
    for sql in [
      "UPDATE event SET data = '{}' WHERE kind = 'redacted'",
      "UPDATE event SET digest = x'00' WHERE kind = 'created'",
      "UPDATE event SET n = 9 WHERE kind = 'created'",
    ] { #expect(throws: SQLiteError.self) { try trigger.execute(sql) } }
  }

  @Test func `a reader of the state before keeps a copy, which the next command removes`() throws {
    try runWithSecrets()
    try taro.run("hist").expect(code: 0)
    do {
      let reader = try Connection(taro.ledger.database, .readOnly, busyMilliseconds: 0)
      let snapshot = try reader.beginReading()
      _ = try reader.integer("SELECT COUNT(*) FROM event")
      let late = try redact("a").expect(code: 75)
      #expect(late.stderr.contains("somebody reads the ledger as it was"), "\(late)")
      _ = consume snapshot
    }
    #expect(!(try places(of: secret)).isEmpty)
    try taro.run("ps").expect(code: 0, stderr: "")
    expect(try places(of: secret), is: [])
    try taro.run("ledger", "verify").expect(code: 0)
  }

  @Test func `a bundle of it says so, is proven, and does not do without the event that tells`()
    throws
  {
    try runWithSecrets()
    try taro.exec("b", "true")
    let before = try #require(try taro.run("ledger", "head").lines.first)
    try taro.run("bundle", "a", "-o", "old.tar").expect(code: 0)
    try redact("a").expect(code: 0)
    try taro.exec("c", "true")
    let head = try #require(try taro.run("ledger", "head").lines.first)
    let made = try taro.run("bundle", "a", "-o", "a.tar").expect(code: 0, stderr: "")
    #expect(made.text.contains("of them redacted"), "\(made)")
    let found = try taro.run("verify-bundle", "a.tar", "--head", head).expect(code: 0)
    #expect(found.text.contains("redacted   "), "\(found)")
    #expect(found.text.contains("recorded, but for what was redacted"), "\(found)")
    try taro.shell("grep -aF \(secret) a.tar").expect(code: 1)
    // The head from before tells of what stood there.
    try taro.run("verify-bundle", "a.tar", "--head", before).expect(code: 1)
    try taro.run("bundle", "a", "-o", "b.tar", "--head", before).expect(code: 64).expectOneLine(
      about: "was redacted later")
    try taro.run("bundle", "a", "-o", "b.tar", "--alone").expect(code: 64)
    // What was made before ends before the redaction.
    try taro.run("verify-bundle", "old.tar", "--head", head).expect(code: 65)
  }

  @Test func `twice, and of what retention has touched`() throws {
    try taro.exec("a", "sh", "-c", "echo one; echo two")
    try taro.run("redact", "a", "--pattern", "one", "--force").expect(code: 0)
    try taro.run("redact", "a", "--pattern", "two", "--force").expect(code: 0)
    try taro.run("output", "a").expect(stdout: "[redacted]\n[redacted]\n")
    try taro.run("ledger", "verify").expect(code: 0)
    try taro.exec("b", "echo", secret)
    try taro.run("ledger", "retain", "--force", "--set", "retention.max_records=1").expect(code: 0)
    try redact("b").expect(code: 0)
    try taro.run("ledger", "verify").expect(code: 0)
    expect(try places(of: secret), is: [])
    try taro.run("ledger", "recover", taro.ledger.path, "--into", "\(taro.root)/new").expect(
      code: 0)
    try taro.run("ledger", "verify", "--ledger", "\(taro.root)/new").expect(code: 0)
    try taro.run("output", "b", "--ledger", "\(taro.root)/new").expect(stdout: "[redacted]\n")
  }
}
