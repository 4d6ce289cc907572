import Events
import TestSupport
import Testing

/// Hosts that lie, and words that would be something else than words.
@Suite(
  .temporaryDirectory, .enabled(if: TestHost.hasSSHServer, "needs what Tests/unpacked.sh unpacks"))
struct HostileTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  /// Makes a `taro` on the far side that answers whatever it is asked with what this script does.
  private func lie(_ script: String) throws -> SSHHosts {
    let text = """
      #!/bin/sh
      [ "$1" != --protocol ] || { echo '{"protocol":1,"version":"9"}'; exit; }
      \(script)
      """
    try Files.write(Array(text.utf8), to: "\(taro.work)/liar")
    let folder = "\(taro.root)/home/.config/taroc"
    try taro.shell("chmod 755 liar; mkdir -p '\(folder)'").expect(code: 0)
    try Files.write(
      Array("hosts: {liar: {taro: \(taro.work)/liar}}".utf8), to: "\(folder)/hosts.yaml")
    return try SSHHosts(taro, ["liar"])
  }

  private func hasNoControls(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy { $0 == "\n" || ($0.value >= 0x20 && $0.value != 0x7f) }
  }

  private var document: String {
    get throws { try Files.text(Repository.path("Tests/TarocTests/Golden/hist-0.1.0.jsonl")) }
  }

  @Test func `nothing of an answer acts on a terminal`() throws {
    let evil = try document.replacing("backup\"", with: #"b\u001b[2J\u009b\u202e\n\"x\""# + "\"")
    try Files.write(Array(evil.utf8), to: "\(taro.work)/answer")
    let hosts = try lie(
      "cat '\(taro.work)/answer'; i=0; while [ $i -lt 50 ]; do printf '\\033]0;x\\007%s\\n' $i >&2; i=$((i+1)); done"
    )
    let table = try hosts.taroc("hist").finish().expect(code: 0)
    #expect(table.lines.count == 3 && hasNoControls(table.text), "\(table)")
    #expect(table.errorLines.count == 21 && hasNoControls(table.stderr), "\(table)")
    #expect(table.stderr.contains("taroc: liar: ... and 30 more lines"))
    let json = try hosts.taroc("hist", "-f", "jsonl").finish().expect(code: 0)
    #expect(hasNoControls(json.text) && !json.text.unicodeScalars.contains("\u{202e}"))
  }

  @Test(arguments: [
    "echo '{}'", "echo '[1]'", "echo 'null'", "echo '{\"job\":1}'", "printf '\\377\\376\\n'",
    "printf '{\"job\":\"x\"'", "head -c 2000000 /dev/zero | tr '\\0' '['",
    "echo '{'; while echo; do sleep 0.2; done",
  ])
  func `what does not fit is a failure of that host`(script: String) throws {
    let hosts = try lie(script)
    let result = try hosts.taroc("ps", "-f", "jsonl").finish().expect(code: 2, stdout: "")
    #expect(result.errorLines.count == 1, "\(result)")
    #expect(result.stderr.hasPrefix("taroc: liar: answer: "), "\(result)")
  }

  @Test func `an answer without an end is cut off, and so is one that does not come`() throws {
    let long = try document.replacing(
      "the tape is full", with: String(repeating: "x", count: 400_000))
    try Files.write(Array(long.utf8), to: "\(taro.work)/answer")
    let hosts = try lie("while cat '\(taro.work)/answer'; do :; done")
    let result = try hosts.taroc("hist", "-n", "5", "-f", "jsonl", "--timeout", "100s").finish()
      .expect(code: 2)
    #expect(result.lines.count == 5)
    #expect(result.stderr == "taroc: liar: answer: it is larger than 64 MiB\n")
    let silent = try lie2("while :; do sleep 0.2; echo >&2; done")
    let late = try silent.taroc("ps", "--timeout", "1s").finish().expect(code: 2)
    #expect(late.stderr.hasPrefix("taroc: liar: timeout: "), "\(late)")
  }

  private func lie2(_ script: String) throws -> SSHHosts {
    try taro.shell("rm -r ssh") { $0.directory = taro.root }.expect(code: 0)
    return try lie(script)
  }

  @Test func `no pattern and no argument becomes an option or a command`() throws {
    let hosts = try lie("for word; do printf '%s\\n' \"<$word>\" >&2; done; exit 1")
    let seen = try hosts.taroc("output", "--", "--help").finish().expect(code: 1)
    #expect(seen.stderr.contains("<--help>") && seen.stderr.contains("<-->"), "\(seen)")
    try hosts.taroc("ps", "--ssh-option", "x").finish().expect(code: 64)
    try hosts.taroc("ps", "--ssh-option", "ProxyCommand").finish().expect(code: 64)
  }
}
