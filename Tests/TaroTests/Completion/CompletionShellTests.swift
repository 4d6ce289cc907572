internal import Events
import TestSupport
import Testing

/// A person at a real bash presses the key; and whether the other shells can read their scripts.
@Suite(.temporaryDirectory) struct CompletionShellTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  private func script(_ shell: String) throws -> String {
    let path = "\(taro.root)/completion.\(shell)"
    let script = try taro.run("--generate-completion-script", shell).expect(code: 0, stderr: "")
    try Files.write(script.stdout, to: path)
    return path
  }

  /// Types the keys at a prompt, and returns the words that the command then gets. The program is found in PATH by the
  /// script, while the line runs a function that tells its words.
  private func words(_ keys: String) throws -> String {
    let start = """
      . '\(try script("bash"))'
      PATH='\(taro.path.dropLast(5))':$PATH
      taro() { printf '<%s>' "$@"; echo " told"; }
      PS1='ready '
      bind 'set enable-bracketed-paste off'
      bind 'set bell-style none'
      """
    let file = "\(taro.root)/rc"
    try Files.write(Array(start.utf8), to: file)
    let session = try TerminalSession(taro, ["bash", "--noprofile", "--rcfile", file, "-i"])
    try session.expect("ready ")
    try session.type("\(keys)\n")
    try session.expect("\r\n")
    let line = try session.expectText(until: " told")
    try session.expect("ready ")
    try session.type("exit\n")
    try session.finish()
    return line
  }

  @Test(arguments: [
    ("taro sto\tbac\t", "<stop><backup>"), ("taro show we\t", "<show><we $(touch pwned) `id`>"),
    ("taro show 'we\t", "<show><we $(touch pwned) `id`>"), ("taro show it\t", "<show><it's>"),
    ("taro show \"we\t", "<show><we $(touch pwned) `id`>"), ("taro show x:\t", "<show><x:y>"),
    ("taro exec --dry-run=fa\t", "<exec><--dry-run=failed>"),
    ("taro exec --set log.m\ton", "<exec><--set><log.mode=on>"),
    ("taro exec --id x --cwd=/usr/shar\t", "<exec><--id><x><--cwd=/usr/share/>"),
    ("taro exec gunzi\t-x", "<exec><gunzip><-x>"),
    ("taro exec -b -- cat /etc/hostn\t", "<exec><-b><--><cat></etc/hostname>"),
  ]) func `bash completes the line, and evaluates nothing`(keys: String, words: String) throws {
    for job in ["we $(touch pwned) `id`", "it's", "x:y"] {
      try taro.run("exec", "--id", job, "true").expect(code: 0)
    }
    let process = try taro.start("exec", "--id", "backup", "-p", "latch", "true")
    _ = try taro.waitForEvent("pending") { $0.kind == .state(.pending) }
    try expect(self.words(keys), is: words)
    #expect(!Files.exists("\(taro.work)/pwned"))
    try taro.run("release", "latch").expect(code: 0)
    try process.finish().expect(code: 0)
  }

  @Test func `bash completes job@instance`() throws {
    try taro.run("exec", "--id", "backup", "true").expect(code: 0)
    let instance = try #require(try taro.events().first?.instance?.text)
    try expect(words("taro show backup@\t"), is: "<show><backup@\(instance)>")
  }

  @Test(.enabled(if: Files.exists("/usr/bin/zsh"), "zsh is not installed"))
  func `zsh can read its script`() throws {
    try taro.shell("zsh -n '\(try script("zsh"))'").expect(code: 0, stderr: "")
  }

  @Test(.enabled(if: Files.exists("/usr/bin/fish"), "fish is not installed"))
  func `fish offers what the program offers`() throws {
    try taro.run("exec", "--id", "it's $(x)", "true").expect(code: 0)
    let line = "complete -C 'taro show '"
    let path = taro.path.dropLast(5)
    let result = try taro.shell(
      "PATH='\(path)':$PATH fish --no-config -c \"source '\(try script("fish"))'; \(line)\"")
    #expect(result.lines == ["it's $(x)\tjob"], "\(result)")
  }

  @Test func `a shell that has no script is named`() throws {
    try taro.run("--generate-completion-script", "csh").expect(
      code: 64,
      stderr: "taro: --generate-completion-script SHELL: the shells are bash, zsh and fish\n")
  }
}
