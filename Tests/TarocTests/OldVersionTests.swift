import Events
import Glibc
import TestSupport
import Testing

/// A `taro` 0.1.0 on the far side: its answers are in Golden, as its docs/json.md had them.
@Suite(
  .temporaryDirectory, .enabled(if: TestHost.hasSSHServer, "needs what Tests/unpacked.sh unpacks"))
struct OldVersionTests {
  private let taro: TaroProgram
  private let hosts: SSHHosts

  init() throws {
    taro = try TaroProgram()
    let golden = Repository.path("Tests/TarocTests/Golden")
    // It knows no --protocol, and no commands and options that came later.
    let old = """
      #!/bin/sh
      case $1 in
        --version) echo 0.1.0 ;;
        ps | hist | listen | stats | list-disabled) cat "\(golden)/$1-0.1.0.jsonl" ;;
        show) cat '\(golden)/show-0.1.0.json' ;;
        *) echo "Error: Unknown option '$1'" >&2; exit 64 ;;
      esac
      """
    try taro.shell("mkdir old").expect(code: 0)
    try Files.write(Array(old.utf8), to: "\(taro.work)/old/taro")
    hosts = try SSHHosts(taro, ["web1"])
    let folder = "\(taro.root)/home/.config/taroc"
    try taro.shell("chmod 755 old/taro; mkdir -p '\(folder)'").expect(code: 0)
    try Files.write(
      Array("hosts: {web1: {taro: \(taro.work)/old/taro}}".utf8), to: "\(folder)/hosts.yaml")
  }

  private func document(_ words: String...) throws -> JSON {
    let result = try hosts.taroc(words + ["-f", "jsonl"]).finish().expect(code: 0, stderr: "")
    let document = try JSON(parsing: result.lines.at(0))
    expect(document["host"], is: "web1")
    return document
  }

  @Test func `its documents are read, and shown as those of today`() throws {
    let ended = try document("hist")
    #expect(ended["job"] == "backup" && ended["version"] == "", "\(ended)")
    try expect(document("ps")["state"], is: "RUNNING")
    try expect(document("stats")["failure_rate"]?.number, is: 0.5)
    try expect(document("list-disabled")["reason"], is: "the tape is full")
    for words in [["hist"], ["ps"], ["stats"], ["list-disabled"], ["show", "backup"]] {
      try expect(hosts.taroc(words).finish().expect(code: 0, stderr: "").lines) { $0.count > 2 }
    }
    let shown = try hosts.taroc("show", "backup", "-f", "json").finish().expect(code: 0)
    try expect(JSON(parsing: shown.text)["instances"]?.array?.count, is: 1)
    let why = try hosts.taroc("why", "backup").finish().expect(code: 0, stderr: "")
    expect(why.text) {
      $0.hasPrefix("web1: backup@06h0d1qcrty15cmk is FAILED") || $0.contains("exit code 3")
    }
  }

  @Test func `its events are listened to`() throws {
    let listener = try hosts.taroc("listen", "-f", "jsonl")
    let event = try JSON(parsing: listener.readLine())
    #expect(event["host"] == "web1" && event["seq"]?.integer == 4, "\(event)")
    listener.signal(SIGTERM)
    try listener.finish().expect(code: 0)
  }

  @Test func `its version is told, and what it does not know`() throws {
    let version = try hosts.taroc("hosts", "--check", "-f", "jsonl").finish().expect(code: 0)
    try expect(JSON(parsing: version.text)["version"]?.string, is: "0.1.0")
    for (command, words) in [("grep", ["x"]), ("hostinfo", [])] {
      try hosts.taroc([command] + words).finish().expect(
        code: 2, stdout: "",
        stderr: "taroc: web1: version: taro there does not understand this: "
          + "Error: Unknown option '\(command)'\n")
    }
  }
}
