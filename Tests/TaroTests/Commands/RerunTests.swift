internal import Events
internal import Ledger
import TestSupport
import Testing

@Suite("taro rerun", .temporaryDirectory) struct RerunTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  private func instances(ofJob job: String) throws -> [String] {
    try taro.events(ofJob: job).filter { $0.kind == .state(.created) }
      .map { "\(job)@\(try #require($0.instance))" }
  }

  @Test func `runs the same again, elsewhere, and names what it repeats`() throws {
    let script = #"printf '%s|' "$PWD" "$(umask)" "$FOO" "$1"; exit 3"#
    let first = try taro.run(
      "exec", "--id", "a", "--umask", "027", "--param", "k=v", "-m", "2", "--timeout", "1h",
      "--record-env=FOO", "--env", "FOO=b ar", "sh", "-c", script, "sh", "one two"
    ) { $0.directory = "/usr" }.expect(code: 3)
    #expect(first.text == "/usr|0027|b ar|one two|")
    try taro.run("rerun", "a").expect(code: 3, stdout: first.text, stderr: "")
    let instances = try instances(ofJob: "a")
    let created = try #require(try taro.created(ofJob: "a"))
    #expect(instances.count == 2)
    #expect(created.rerunOf == instances.first)
    #expect(created.params == [JSON.Member("k", "v")])
    #expect(created.gates.limit == 2)
    #expect(created.timeout == 3_600_000_000)
    try expect(taro.run("show", "a").text) { $0.contains("repeats    \(instances[0])") }
  }

  @Test func `a command that is not UTF-8 is repeated byte for byte`() throws {
    let words = [Array("exec".utf8), Array("--id".utf8), Array("a".utf8), Array("printf".utf8)]
    let text: [UInt8] = [0x61, 0xff, 0xfe, 0x62]
    try taro.start(bytes: words + [Array("%s".utf8), text]).finish().expectStdout(text)
    try taro.run("rerun", "a").expectStdout(text)
  }

  @Test func `a delay is not waited for again`() throws {
    try taro.run("exec", "--id", "a", "--delay", "1ms", "true").expect(code: 0)
    try taro.run("rerun", "a").expect(code: 0)
    try expect(taro.created(ofJob: "a")?.gates.delay) { $0 == nil }
  }

  @Test func `a variable whose value was not recorded has to be given again`() throws {
    try taro.run("exec", "--id", "a", "--env", "SECRET=x", "sh", "-c", "echo $SECRET")
      .expect(code: 0, stdout: "x\n")
    try taro.run("rerun", "a").expect(code: 64, stdout: "").expectOneLine(about: "--env SECRET=")
    try taro.run("rerun", "--env", "SECRET=y", "a").expect(code: 0, stdout: "y\n")
  }

  @Test func `a rerun can be detached`() throws {
    try taro.run("exec", "--id", "a", "true").expect(code: 0)
    let result = try taro.run("rerun", "--detach", "a").expect(code: 0, stderr: "")
    let instances = try instances(ofJob: "a")
    #expect(result.text == "\(instances[1])\n")
    try taro.run("wait", instances.at(1), "--past", "-s", "completed", "-t", "30s").expect(code: 0)
  }

  @Test func `a run that was repeated can be repeated`() throws {
    try taro.run("exec", "--id", "a", "--record-env=FOO", "--env", "FOO=x", "sh", "-c", "echo $FOO")
      .expect(code: 0, stdout: "x\n")
    for _ in 1...2 { try taro.run("rerun", "a").expect(code: 0, stdout: "x\n", stderr: "") }
  }

  @Test(arguments: [
    ["sh", "-c", #"echo x >> ran; echo "$1""#, "sh", "s3cr3t-1"],
    ["--param", "k=s3cr3t-1", "sh", "-c", "echo x >> ran"],
    ["--record-env=K", "--env", "K=s3cr3t-1", "sh", "-c", "echo x >> ran"],
    ["--warn-output", "s3cr3t-1", "sh", "-c", "echo x >> ran"],
  ])
  func `what was redacted since is not run as it is recorded now`(words: [String]) throws {
    try taro.runAll(["exec", "--id", "a"] + words).expect(code: 0)
    try taro.run("redact", "a", "--pattern", "s3cr3t-1", "--force").expect(code: 0)
    for more in [[], ["--env", "K=s3cr3t-1"]] {
      try taro.runAll(["rerun", "a"] + more).expect(code: 1, stdout: "").expectOneLine(
        about: "redacted", "use taro exec")
    }
    try taro.shell("cat ran").expect(code: 0, stdout: "x\n")
  }

  @Test func `where only output was redacted, it is repeated, unless that cannot be known`() throws
  {
    try taro.run("exec", "--id", "a", "sh", "-c", "echo s3cr3t-$((1))").expect(code: 0)
    let id = try taro.instance("a")
    try taro.run("redact", "a", "--pattern", "s3cr3t-1", "--force").expect(code: 0)
    try taro.run("rerun", id).expect(code: 0, stdout: "s3cr3t-1\n")
    // In the ledger after a damaged one it stands so.
    let instance = try #require(InstanceID(id))
    let redacted = Redacted(
      job: "a", instance: instance, places: 1, keepsLength: false, positions: [],
      by: .thisProcess())
    try LedgerWriter(taro.ledger).append([
      NewEvent(
        at: .now, mono: .now, job: nil, instance: nil, kind: .redacted, data: redacted.json)
    ])
    try taro.run("rerun", id).expect(code: 1, stdout: "").expectOneLine(about: "redacted")
  }

  @Test func `a dry run is not run for real`() throws {
    try taro.run("exec", "--id", "a", "--dry-run", "touch", "ran").expect(code: 0)
    try taro.run("rerun", "a").expect(code: 1, stdout: "").expectOneLine(about: "dry run")
    #expect(!Files.names(in: taro.work).contains("ran"))
  }

  @Test(arguments: ["TARO_JOB=x", "TARO_INSTANCE=x"])
  func `what a run is found by is not to be given`(variable: String) throws {
    let result = try taro.run("exec", "--env", variable, "touch", "ran").expect(code: 64)
    #expect(result.stderr.contains("taro sets this one itself"))
    #expect(!Files.names(in: taro.work).contains("ran"))
  }

  @Test func `what was never run cannot be repeated`() throws {
    try taro.run("rerun", "nothing").expect(code: 1, stdout: "").expectOneLine(about: "nothing")
  }
}

@Suite(.temporaryDirectory) struct RerunBytesTests {
  private let taro: TaroProgram
  /// caf and é in Latin-1.
  private static let name: [UInt8] = [0x63, 0x61, 0x66, 0xe9]

  init() throws { taro = try TaroProgram() }

  @Test func `a directory that is not UTF-8 is repeated byte for byte`() throws {
    let script = #"""
      mkdir "$(printf 'caf\351')"; cd "$(printf 'caf\351')"
      "$TARO" exec --id a sh -c 'pwd -P'
      """#
    let first = try taro.shell(script).expect(code: 0, stderr: "")
    #expect(first.stdout.suffix(5) == Self.name + [0x0a])
    let created = try #require(try taro.created(ofJob: "a"))
    #expect(created.cwd.hasSuffix("/caf\u{fffd}"))
    #expect(created.cwdBase64.flatMap(Base64.decode)?.suffix(4) == Self.name[...])
    try expect(taro.run("rerun", "a").expect(code: 0, stderr: "").stdout, is: first.stdout)
    try expect(taro.created(ofJob: "a")?.cwdBase64, is: created.cwdBase64)
    // --cwd is taken as bytes, too.
    let words = ["exec", "--id", "b", "--cwd"].map { Array($0.utf8) } + [Self.name]
    try taro.start(bytes: words + [Array("true".utf8)]).finish().expect(code: 0)
    try expect(taro.created(ofJob: "b")?.cwdBase64, is: created.cwdBase64)
  }

  @Test func `a variable whose name is not UTF-8 is repeated byte for byte`() throws {
    let script =
      #"env "$(printf 'caf\351=1')" "$TARO" exec --id a --record-env cat /proc/self/environ"#
    let variable = Self.name + Array("=1".utf8)
    let first = try taro.shell(script).expect(code: 0, stderr: "")
    #expect(first.stdout.split(separator: 0).contains(variable[...]))
    let again = try taro.run("rerun", "a").expect(code: 0, stderr: "")
    #expect(again.stdout.split(separator: 0).contains(variable[...]))
    let created = try #require(try taro.created(ofJob: "a"))
    #expect(created.env?.contains { $0.key.hasPrefix("caf") } == false)
  }
}
