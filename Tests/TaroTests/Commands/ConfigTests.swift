internal import Events
import Glibc
import Ledger
import Linux
import TestSupport
import Testing

/// Which configuration file counts, and what a bad one does.
@Suite(.temporaryDirectory) struct ConfigTests {
  private static let own = ".config/taro/taro.yaml"

  private func write(_ text: String, _ path: String) throws {
    _ = try WholeFile.write(text, to: path, overwrites: true)
  }

  private func home(_ taro: TaroProgram) -> String { "\(taro.root)/home" }

  @Test func `no file is needed, and none is looked for twice`() throws {
    let taro = try TaroProgram()
    let trace = "\(taro.root)/trace"
    try taro.run("exec", "true") { $0.wrapper = ["strace", "-o", trace, "-e", "trace=%file"] }
      .expect(code: 0, stderr: "")
    let looks = try Files.lines(trace).filter { $0.contains("taro.yaml") }
    #expect(looks.count == 4, "\(looks)")
    #expect(looks.allSatisfy { $0.contains("ENOENT") }, "\(looks)")
    try taro.run("config", "check").expect(code: 0, stdout: "no file is used, the defaults hold\n")
    #expect(!Files.exists("\(home(taro))/.cache"))
  }

  @Test func `the first of current, user's and system's directories counts`() throws {
    let taro = try TaroProgram()
    let shared = "\(taro.root)/xdg"
    let places = [
      "\(shared)/taro/taro.yaml", "\(home(taro))/\(Self.own)", "\(taro.work)/taro.yaml",
    ]
    for path in places {
      try write("ledger: {directory: \(path).ledger}\n", path)
      try taro.run("config", "path") { $0.environment["XDG_CONFIG_DIRS"] = "/none:\(shared)" }
        .expect(code: 0, stdout: "\(path)\n", stderr: "")
    }
    try taro.run("config", "path", "-C", places.at(0)).expect(code: 0, stdout: "\(places[0])\n")
    try taro.run("config", "show")
      .expect(
        code: 0,
        stdout: "Showing file: \(places[2])\nledger: {directory: \(places[2]).ledger}\n")
  }

  @Test(
    .enabled(if: TestHost.isRoot, "the test gives files away"),
    arguments: ["chmod 666 taro.yaml", "chmod 777 .", "chown 1 taro.yaml", "chown 1 ."])
  func `a file in a directory that others can write or own is passed over`(change: String) throws {
    let taro = try TaroProgram()
    try write("ledger: {directory: \(taro.root)/foreign}\n", "\(taro.work)/taro.yaml")
    try taro.shell("chmod 755 .; \(change)").expect(code: 0)
    // The job's stderr gets no line, it is no news every minute.
    try taro.run("exec", "--id", "a", "true") {
      $0.environment["TARO_LEDGER"] = ""
      $0.hasPrivateMachine = true
    }.expect(code: 0, stderr: "")
    #expect(!Files.exists("\(taro.root)/foreign"))
    try taro.run("ps").expect(code: 0).expectOneLine(about: "./taro.yaml is not used", "-C")
    try taro.run("config", "check").expect(code: 0).expect(stderr: "")
    try taro.run("exec", "-C", "taro.yaml", "true") {
      $0.environment["TARO_LEDGER"] = ""
      $0.hasPrivateMachine = true
    }.expect(code: 0)
    #expect(Files.exists("\(taro.root)/foreign/ledger.db"))
  }

  @Test func `the ledger is where the option, the variable, then the configuration says`() throws {
    let taro = try TaroProgram()
    let configured = "\(taro.root)/configured"
    try write("ledger: {directory: \(configured)}\n", "\(home(taro))/\(Self.own)")
    try taro.run("exec", "--id", "a", "true").expect(code: 0)
    #expect(!Files.exists(configured))
    let asConfigured = { (setup: inout TaroProgram.Setup) in
      setup.environment["TARO_LEDGER"] = ""
      setup.hasPrivateMachine = true
    }
    try taro.run("exec", "--id", "a", "true", change: asConfigured).expect(code: 0, stderr: "")
    #expect(Files.exists("\(configured)/ledger.db"))
    let list = try taro.run("hist", "-f", "jsonl", change: asConfigured).expect(code: 0)
    #expect(list.lines.count == 1)
  }

  @Test func `a bad file ends a command with 78 and all its mistakes are listed`() throws {
    let taro = try TaroProgram()
    let path = "\(home(taro))/\(Self.own)"
    try write("lgo: 1\nlog:\n  mode: maybe\n", path)
    try taro.run("ps").expect(code: 78, stdout: "")
      .expectOneLine(about: "\(path):1: unknown key lgo; did you mean log? (and 1 more;")
    let check = try taro.run("config", "check").expect(code: 78, stderr: "")
    #expect(
      check.lines == [
        "\(path):1: unknown key lgo; did you mean log?",
        "\(path):3: log.mode \"maybe\": there is no such mode; "
          + "accepted: on or off, enabled or disabled",
      ])
    try taro.run("ps", "--def-config").expect(code: 0, stderr: "")
    try taro.run("ps", "-mc").expect(code: 0, stderr: "")
  }

  @Test(arguments: [
    "lgo: 1", "log: [", "\u{feff}\u{1}", "log: &a [*a]", "output: {overflow: drop}\nx: y",
  ])
  func `a bad file keeps no job from running`(text: String) throws {
    let taro = try TaroProgram()
    try write(text, "\(home(taro))/\(Self.own)")
    try taro.run("exec", "--id", "a", "sh", "-c", "echo out; exit 3").expect(
      code: 3, stdout: "out\n"
    )
    .expectOneLine(about: "the configuration is not used", "taro.yaml:")
    try expect(taro.ending(ofJob: "a")?.state, is: .failed)
  }

  @Test func `a file that was named and is missing is 78, and for exec a line`() throws {
    let taro = try TaroProgram()
    try taro.run("ps", "-C", "none.yaml").expect(code: 78).expectOneLine(
      about: "none.yaml", "no such")
    try taro.run("exec", "-C", "none.yaml", "echo", "x").expect(code: 0, stdout: "x\n")
      .expectOneLine(about: "none.yaml", "no such")
  }

  @Test func `a line about the configuration kills nothing when nobody reads it`() throws {
    let taro = try TaroProgram()
    let result = try taro.shell(
      "{ \"$TARO\" exec -C none.yaml touch ran; echo $? >code; } 2>&1 | true; cat code")
    result.expect(code: 0, stdout: "0\n")
    #expect(Files.exists("\(taro.work)/ran"))
  }

  @Test(arguments: [
    ["-C", "x", "-mc"], ["--def-config", "--min-config"], ["-dc", "-C", "x"], ["-C", ""],
    ["--set", "lgo=1"], ["--set", "log.mode"], ["--set", "log.mode=maybe"],
  ])
  func `options that contradict or cannot be are 64`(options: [String]) throws {
    let taro = try TaroProgram()
    for command in [["ps"] + options, ["exec"] + options + ["touch", "ran"]] {
      let result = try taro.start(bytes: command.map { Array($0.utf8) }).finish()
      result.expect(code: 64, stdout: "")
    }
    #expect(!Files.exists("\(taro.work)/ran"))
  }

  @Test func `values are set for one command`() throws {
    let taro = try TaroProgram()
    let other = "\(taro.root)/other"
    try taro.run("exec", "--set", "ledger_directory=\(other)", "--set=output.drain=1s", "true") {
      $0.environment["TARO_LEDGER"] = ""
      $0.hasPrivateMachine = true
    }.expect(code: 0, stderr: "")
    #expect(Files.exists("\(other)/ledger.db"))
    let shown = try taro.run("config", "show", "--effective", "--set", "output.drain=90s")
    shown.expect(code: 0, stderr: "")
    #expect(shown.lines.contains("output.drain=1m30s"))
    #expect(shown.lines.contains("ledger.directory=\(taro.ledger.path)"))
    #expect(shown.lines.contains { $0.hasPrefix("log.file.path=/") })
  }

  @Test func `what a job left behind is waited for as long as configured`() throws {
    let taro = try TaroProgram()
    // For which this test does not wait.
    try write("output: {drain: 1h}\n", "\(home(taro))/\(Self.own)")
    let result = try taro.run(
      "exec", "--id", "a", "--set", "output.drain=0", "sh", "-c", "sleep 1000 & echo $!")
    result.expect(code: 0).expectOneLine(about: "keeps its output open")
    let grandchild = try #require(result.lines.last.flatMap { Int32($0) })
    #expect(kill(grandchild, SIGKILL) == 0)
  }

  @Test func `what outlives its end is killed as configured, and an option wins`() throws {
    let taro = try TaroProgram()
    let job = ["sh", "-c", "trap '' TERM; while :; do sleep 0.01; done"]
    let words = ["exec", "--id", "a", "--timeout", "100ms"]
    let configured = words + ["--set", "termination.kill_after=200ms"] + job
    try taro.start(bytes: configured.map { Array($0.utf8) }).finish().expect(code: 124)
    let option =
      words + ["--set", "termination.kill_after=1h", "--kill-after", "200ms"] + job
    try taro.start(bytes: option.map { Array($0.utf8) }).finish().expect(code: 124)
  }

  @Test func `the environment is recorded as configured, and an option wins`() throws {
    let taro = try TaroProgram()
    try write("exec: {record_env: [HOME]}\n", "\(home(taro))/\(Self.own)")
    try taro.run("exec", "--id", "a", "true").expect(code: 0)
    try expect(taro.created(ofJob: "a")?.env?.map(\.key), is: ["HOME"])
    try taro.run("exec", "--id", "b", "--record-env=PATH", "true").expect(code: 0)
    try expect(taro.created(ofJob: "b")?.env?.map(\.key), is: ["PATH"])
  }

  @Test func `create makes a file that check accepts, once; reset makes it anew`() throws {
    let taro = try TaroProgram()
    let path = "\(home(taro))/\(Self.own)"
    let said = "copying file to \(path)\ndone!\n"
    try taro.run("config", "create").expect(code: 0, stdout: said, stderr: "")
    #expect(Files.mode(path) == 0o600)
    #expect(Files.names(in: "\(home(taro))/.config/taro") == ["taro.yaml"])
    try taro.run("config", "check").expect(code: 0, stdout: "\(path): ok\n")
    let text = try Files.text(path)
    try write("# mine\n", path)
    try taro.run("config", "create").expect(code: 1, stdout: "")
      .expectOneLine(about: path, "--overwrite")
    try expect(Files.text(path), is: "# mine\n")
    try taro.run("config", "create", "--overwrite").expect(code: 0, stdout: said)
    try expect(Files.text(path), is: text)
    try write("# mine\n", path)
    try taro.run("config", "reset").expect(code: 0, stdout: said)
    try expect(Files.text(path), is: text)
    let packaged = text.replacing("mode: off", with: "mode: on ")
    try taro.run("config", "show", "-dc").expect(code: 0, stdout: packaged)
  }

  @Test func `the file that is made turns nothing on, and names no file that is not installed`()
    throws
  {
    let taro = try TaroProgram()
    let before = try taro.run("config", "show", "--effective").expect(code: 0).text
    try taro.run("config", "create").expect(code: 0)
    try taro.run("config", "show", "--effective").expect(code: 0, stdout: before, stderr: "")
    let text = try Files.text("\(home(taro))/\(Self.own)")
    #expect(!text.contains("docs/"))
    #expect(text.contains("man taro.yaml"))
  }

  @Test(.enabled(if: TestHost.canMount && TestHost.othersCanExecute, "several users, mounts"))
  func `the host's file is root's to write and everybody's to read`() throws {
    let taro = try TaroProgram()
    let result = try taro.shell(
      """
      mount -t tmpfs -o mode=755 none /etc
      as() { setpriv --reuid=61001 --regid=61001 --clear-groups env HOME=/nonexistent "$@"; }
      cd /
      as "$TARO" config create --system; echo $?
      "$TARO" config create --system
      stat -c '%a %u %n' /etc/taro /etc/taro/*
      "$TARO" config create --system; echo $?
      as "$TARO" config check 2>&1
      as "$TARO" config reset --system; echo $?
      "$TARO" config create --system --overwrite && "$TARO" config reset --system
      """
    ) { $0.hasPrivateMachine = true }
    expect(
      result.lines,
      is: [
        "77", "copying file to /etc/taro/taro.yaml", "done!", "755 0 /etc/taro",
        "644 0 /etc/taro/taro.yaml", "1", "/etc/taro/taro.yaml: ok", "77",
        "copying file to /etc/taro/taro.yaml", "done!", "copying file to /etc/taro/taro.yaml",
        "done!",
      ])
    expect(result.errorLines.count, is: 3, "\(result)")
    expect(result.errorLines.first) { $0?.contains("run it as root") == true }
  }

  @Test func `check says what has no effect`() throws {
    let taro = try TaroProgram()
    let path = "\(home(taro))/\(Self.own)"
    try write("retention:\n  max_age: 30d\ndefault_action: ps\n", path)
    try taro.run("config", "check")
      .expect(code: 0, stdout: "\(path):3: default_action has no effect\n\(path): ok\n")
  }

  @Test func `check finds what the file names and is not there, or is refused by a plugin`() throws
  {
    let taro = try TaroProgram()
    let path = "\(home(taro))/\(Self.own)"
    let folder = "\(taro.root)/plugins"
    try #require(mkdir(folder, 0o755) == 0)
    for (name, script) in [
      ("good", "cat > /dev/null"), ("bad", "echo no such key: too >&2; exit 78"),
    ] {
      try write("#!/bin/sh\n\(script)\n", "\(folder)/taro-plugin-\(name)")
      try #require(chmod("\(folder)/taro-plugin-\(name)", 0o755) == 0)
    }
    func check(_ text: String) throws -> TaroResult {
      try write("plugin_directory: \(folder)\n\(text)", path)
      return try taro.run("config", "check")
    }
    try check("plugins: [good]\nplugin_settings: {good: {to: x}}\n")
      .expect(code: 0, stdout: "\(path): ok\n", stderr: "")
    let result = try check(
      "plugins: [good, bad, none]\nplugin_settings: {other: {to: x}}\n"
        + "log: {mode: on, file: {path: \(taro.root)/nope/x.log}}\n")
    result.expect(code: 78)
    let lines = result.lines
    #expect(lines.count == 4, "\(result)")
    for (index, part) in [
      "bad does not take its settings (exit code 78)", "taro-plugin-none", "plugin_settings.other",
      "no directory \(taro.root)/nope",
    ].enumerated() { try expect(lines.at(index)) { $0.contains(part) } }
    #expect(result.stderr.contains("no such key: too"))
  }
}
