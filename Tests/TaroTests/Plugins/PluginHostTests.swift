internal import Events
import Glibc
internal import Ledger
import Linux
import TestSupport
import Testing

@Suite("Plugins", .temporaryDirectory)
struct PluginHostTests {
  private static let recorder = "exec cat > \"$DIR/told\""
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  private func events() throws -> [String] { try taro.events().map(EventLine.text) }

  /// Starting one must not take away what tells of the job's end, which comes at the same moment: one in nine did.
  @Test func `that start when the job ends do not hide its end`() throws {
    try taro.makePlugin("a", Self.recorder)
    try taro.configure("a")
    for _ in 0..<20 { try taro.execWithPlugins("job", "true").expect(code: 0, stderr: "") }
  }

  @Test func `are told every event, in order, as listen tells it`() throws {
    try taro.makePlugin("a", Self.recorder)
    try taro.configure("a")
    try taro.execWithPlugins(
      "job", "--warn-output", "two", "sh", "-c", "echo one; echo two >&2; exit 3"
    )
    .expect(code: 3, stdout: "one\n", stderr: "two\n")
    try expect(taro.told(), is: events())
    let kinds = try taro.kinds()
    #expect(kinds.first == "created")
    #expect(kinds.last == "failed")
    #expect(Set(kinds).isSuperset(of: ["running", "output", "warning"]))
    try expect(taro.pluginLog(), is: [])
  }

  @Test func `are told all of a chatty job, and none of its bytes change`() throws {
    try taro.makePlugin("a", Self.recorder)
    try taro.makePlugin("b", "exec cat > \"$DIR/told-b\"")
    try taro.configure("a", "b")
    let script = "i=0; while [ $i -lt 10000 ]; do i=$((i+1)); echo $i; done"
    let result = try taro.execWithPlugins("job", "sh", "-c", script)
    result.expect(code: 0, stderr: "")
    result.expectStdout((1...10_000).flatMap { Array("\($0)\n".utf8) })
    try expect(taro.told(), is: events())
    try expect(taro.told("told-b"), is: events())
  }

  @Test func `are told what happens while it happens, also at a gate`() throws {
    try taro.makePlugin("a", Self.recorder)
    try taro.configure("a")
    let words = ["exec", "-C", taro.configurationFile, "--id", "job", "-p", "latch", "echo", "x"]
    let job = try taro.start(bytes: words.map { Array($0.utf8) })
    try eventually("the plugin knows that the run waits") {
      (try? taro.kinds())?.contains("pending") ?? false
    }
    try expect(taro.kinds(), is: ["created", "pending"])
    try taro.run("release", "latch").expect(code: 0)
    try job.finish().expect(code: 0, stdout: "x\n")
    try expect(taro.told(), is: events().filter { !$0.contains("\"kind\":\"released\"") })
  }

  @Test func `see runs that do not take place`() throws {
    try taro.makePlugin("a", "exec cat >> \"$DIR/told\"")
    try taro.configure("a")
    try taro.run("disable", "off").expect(code: 0)
    let holder = try taro.startJob("busy")
    try taro.execWithPlugins("off", "true")
    try taro.execWithPlugins("busy", "--no-overlap", "true")
    try taro.execWithPlugins("dry", "--dry-run", "true")
    try expect(
      taro.kinds(),
      is: [
        "created", "disabled", "created", "skipped", "created", "started", "completed",
      ])
    try holder.write("exit 0\n")
    try holder.finish().expect(code: 0)
  }

  @Test func `of each try are their own`() throws {
    try taro.makePlugin("a", "echo $$ >> \"$DIR/pids\"; exec cat >> \"$DIR/told\"")
    try taro.configure("a")
    try taro.execWithPlugins("job", "--retry", "1", "--retry-delay", "1ms", "false").expect(code: 1)
    try expect(Set(taro.told("pids")).count, is: 2)
    try expect(taro.told(), is: events())
  }

  @Test func `get their settings and where they are in the environment`() throws {
    try taro.makePlugin("a", "env | grep ^TARO | sort > \"$DIR/env\"; cat > \"$DIR/told\"")
    try taro.configure(
      "a", settings: "  a: {n: 3, on: true, text: '3', list: [x, {y: ~}]}\n  b: {other: 1}")
    try taro.execWithPlugins("job", "true") { $0.environment["TARO_LEDGER"] = "../ledger" }
    let instance = try taro.instance("job")
    let variables = try taro.told("env")
    #expect(variables.contains("TARO_JOB=job"))
    #expect(variables.contains("TARO_INSTANCE=\(instance)"))
    let settings = #"{"n":3,"on":true,"text":"3","list":["x",{"y":null}]}"#
    #expect(variables.contains("TARO_PLUGIN_CONFIG=\(settings)"))
    let ledger = variables.first { $0.hasPrefix("TARO_LEDGER=/") }?.dropFirst(12)
    #expect(ledger.flatMap { Host.realPath(Array($0.utf8)) } == Array(taro.ledger.path.utf8))
    let program = variables.first { $0.hasPrefix("TARO=/") }?.dropFirst(5)
    #expect(
      program.flatMap { Host.realPath(Array($0.utf8)) } == Host.realPath(Array(taro.path.utf8)))
  }

  @Test
  func `lead a group of their own and have nothing of the job's or the ledger's open`() throws {
    let script = """
      set -- $(cat /proc/$$/stat); echo "$$ $5" > "$DIR/group"
      # In subshells: what a shell does for a command of its own, it may do to itself first.
      (ls -l /proc/$$/fd > "$DIR/open")
      (grep -E '^Sig(Blk|Ign)' /proc/$$/status > "$DIR/signals")
      echo "never on the job's stdout"
      cat > "$DIR/told"
      """
    try taro.makePlugin("a", script)
    try taro.configure("a")
    try taro.execWithPlugins("job", "sh", "-c", "echo x; echo y >&2") {
      // What the caller has open is for the job, and not for plugins.
      $0.preparation = "exec 7>../lock"
    }.expect(code: 0, stdout: "x\n", stderr: "y\n")
    let ids = try taro.told("group").at(0).split(separator: " ")
    #expect(ids.count == 2, "\(ids)")
    try expect(ids.at(0), is: ids.at(1), "\(ids)")
    var open: [String: String] = [:]
    for line in try taro.told("open") {
      let words = line.split(separator: " ").map(String.init)
      guard words.count > 3, words[words.count - 2] == "->" else { continue }
      open[words[words.count - 3]] = words.last
    }
    #expect(open["0"]?.hasPrefix("pipe:") ?? false, "\(open)")
    #expect(open["1"] == "/dev/null", "\(open)")
    #expect(open["2"]?.hasPrefix("pipe:") ?? false, "\(open)")
    // What is left is the shell's own: the script that it reads.
    let others = open.filter { !["0", "1", "2"].contains($0.key) }.values
    #expect(others.allSatisfy { $0 == "\(taro.pluginDirectory)/taro-plugin-a" }, "\(open)")
    for line in try taro.told("signals") {
      let mask = try #require(line.split(separator: "\t").last.flatMap { UInt64($0, radix: 16) })
      // 1 to 31; those above are the C library's, and not taro's.
      #expect(mask & 0x7fff_ffff == 0, "\(line)")
    }
  }

  @Test(arguments: [true, false])
  func `that hang are ended, and the job does not know of them`(ignoresTerm: Bool) throws {
    let trap = ignoresTerm ? "trap '' TERM; " : ""
    try taro.makePlugin("stuck", "\(trap)echo $$ > \"$DIR/pid\"; exec sleep 1000")
    try taro.makePlugin("good", Self.recorder)
    try taro.configure("stuck", "good", timeout: "2s")
    try taro.execWithPlugins("job", "sh", "-c", "echo x; exit 3").expect(
      code: 3, stdout: "x\n", stderr: "")
    let pid = try #require(Int32(try taro.told("pid").at(0)))
    #expect(kill(pid, 0) != 0)
    #expect(errno == ESRCH)
    try expect(taro.told(), is: events())
    let log = try taro.pluginLog()
    #expect(log.allSatisfy { $0.contains("plugin=[stuck]") }, "\(log)")
    #expect(log.contains { $0.contains("did not end in time") }, "\(log)")
    #expect(
      log.contains { $0.contains("killed by signal \(ignoresTerm ? "KILL" : "TERM")") }, "\(log)")
  }

  @Test(arguments: [
    ("exit 0", []), ("exit 7", ["exit code 7"]),
    ("kill -SEGV $$", ["killed by signal SEGV"]), ("exec 0<&-; exit 0", []),
  ])
  func `that end too early or badly do not disturb the job, and the log tells`(
    script: String, details: [String]
  ) throws {
    try taro.makePlugin("bad", "echo $$ > \"$DIR/pid\"; \(script)")
    try taro.makePlugin("good", Self.recorder)
    try taro.configure("bad", "good")
    // Nothing tells the job when the plugin is gone. What it prints then, the plugin cannot take.
    let job = """
      while [ ! -s ../pid ] || kill -0 $(cat ../pid) 2>/dev/null; do sleep 0.01; done
      echo x; exit 3
      """
    try taro.execWithPlugins("job", "sh", "-c", job).expect(code: 3, stdout: "x\n", stderr: "")
    try expect(taro.told(), is: events())
    let log = try taro.pluginLog()
    #expect(log.allSatisfy { $0.contains("plugin=[bad]") }, "\(log)")
    #expect(log.count == details.count + 1, "\(log)")
    for detail in details + ["[plugin_ended]"] {
      #expect(log.contains { $0.contains(detail) }, "\(log)")
    }
  }

  @Test
  func `that fail when they know everything are in the log, and the job's exit code is its own`()
    throws
  {
    try taro.makePlugin("bad", "cat > /dev/null; exit 7")
    try taro.configure("bad")
    try taro.execWithPlugins("job", "sh", "-c", "echo x; exit 3")
      .expect(code: 3, stdout: "x\n", stderr: "")
    let log = try taro.pluginLog()
    #expect(log.count == 1, "\(log)")
    #expect(log.contains { $0.contains("event=[plugin_failed] plugin=[bad]") }, "\(log)")
    #expect(log.contains { $0.contains("exit code 7") }, "\(log)")
  }

  @Test func `that leave when the run has ended are not blamed`() throws {
    try taro.makePlugin(
      "a", "while read -r line; do case $line in *completed*) exit 0;; esac; done")
    try taro.configure("a")
    try taro.execWithPlugins("job", "true").expect(code: 0)
    try expect(taro.pluginLog(), is: [])
  }

  @Test func `that are not there are named once, and the job runs`() throws {
    try taro.makePlugin("plain", "exit 0", mode: 0o644)
    mkdir("\(taro.pluginDirectory)/taro-plugin-folder", 0o755)
    try taro.makePlugin("good", Self.recorder)
    try taro.configure("none", "plain", "folder", "good")
    let result = try taro.execWithPlugins("job", "sh", "-c", "echo x; exit 3")
    result.expect(code: 3, stdout: "x\n")
    #expect(result.errorLines.count == 3, "\(result)")
    let log = try taro.pluginLog()
    for (index, name) in ["none", "plain", "folder"].enumerated() {
      #expect(result.errorLines[index].contains("plugin \(name) "), "\(result)")
      #expect(log.contains { $0.contains("event=[plugin_not_found] plugin=[\(name)]") }, "\(log)")
    }
    #expect(log.count == 3)
    try expect(taro.told(), is: events())
  }

  @Test func `that cannot be executed fail alone`() throws {
    mkdir(taro.pluginDirectory, 0o755)
    let path = "\(taro.pluginDirectory)/taro-plugin-bad"
    try Files.write(Array("#!/nonexistent/interpreter\n".utf8), to: path)
    chmod(path, 0o755)
    try taro.configure("bad")
    try taro.execWithPlugins("job", "echo", "x").expect(code: 0, stdout: "x\n")
    let log = try taro.pluginLog()
    #expect(log.count == 1, "\(log)")
    try expect(log.at(0), "\(log)") { $0.contains("event=[plugin_failed] plugin=[bad]") }
    #expect(log.contains { $0.contains("/nonexistent/interpreter") }, "\(log)")
  }

  @Test func `say into the log, and no more than it bears`() throws {
    let script =
      "i=0; while [ $i -lt 500 ]; do i=$((i+1)); echo \"line $i\" >&2; done; cat >/dev/null"
    try taro.makePlugin("a", script)
    try taro.configure("a")
    try taro.execWithPlugins("job", "true").expect(code: 0, stdout: "", stderr: "")
    let said = try taro.pluginLog().filter { $0.contains("plugin_says") }
    #expect(said.count == 100)
    #expect(said.first?.contains("line 1]") ?? false)
  }

  @Test func `are not looked for when none is named`() throws {
    try taro.makePlugin("a", "touch \"$DIR/started\"")
    try taro.configure()
    try taro.execWithPlugins("job", "true").expect(code: 0, stdout: "", stderr: "")
    #expect(!Files.exists("\(taro.root)/started"))
  }

  @Test func `are found where they may be, the configured directory first`() throws {
    let data = "\(taro.root)/data/taro/plugins"
    let bin = "\(taro.root)/bin"
    for directory in ["\(taro.root)/data", "\(taro.root)/data/taro", data, bin] {
      mkdir(directory, 0o755)
    }
    for (name, directories) in [
      ("one", [taro.pluginDirectory, data, bin]), ("two", [data, bin]), ("three", [bin]),
    ] {
      try taro.makePlugin(name, "exit 0")
      let made = "\(taro.pluginDirectory)/taro-plugin-\(name)"
      for directory in directories.dropFirst() { link(made, "\(directory)/taro-plugin-\(name)") }
      let first = try directories.at(0)
      if first != taro.pluginDirectory {
        rename(made, "\(first)/taro-plugin-\(name)")
      }
    }
    try taro.configure("one", "two", "three", "four", settings: "  two: {x: 1}")
    let result = try taro.run("plugins", "-C", taro.configurationFile, "-f", "jsonl") {
      $0.environment["XDG_DATA_HOME"] = "\(taro.root)/data"
      $0.environment["PATH"] = "/usr/bin:/bin:\(bin)"
    }
    let documents = try result.expect(code: 0, stderr: "").lines.map { try JSON(parsing: $0) }
    #expect(documents.map { $0["name"]?.string } == ["one", "two", "three", "four"])
    #expect(documents.map { $0["found_in"]?.string } == ["plugin_directory", "user", "PATH", nil])
    #expect(
      documents.map { $0["path"]?.string } == [
        "\(taro.pluginDirectory)/taro-plugin-one", "\(data)/taro-plugin-two",
        "\(bin)/taro-plugin-three", nil,
      ])
    try expect(documents.at(1)["settings"], is: .object([.init("x", 1)]))
  }

  @Test func `can be tried with a run that never was`() throws {
    try taro.makePlugin("good", "echo heard >&2; \(Self.recorder)")
    try taro.makePlugin("bad", "cat >/dev/null; exit 7")
    try taro.makePlugin("stuck", "exec sleep 1000")
    try taro.configure("good")
    func test(_ name: String) throws -> TaroResult {
      try taro.run("plugins", "test", "-C", taro.configurationFile, name)
    }
    let good = try test("good").expect(code: 0)
    #expect(good.stderr.contains("heard"))
    try expect(taro.kinds(), is: ["created", "running", "output", "warning", "failed"])
    try expect(test("bad").expect(code: 1).stderr) { $0.contains("exit code 7") }
    try expect(test("none").expect(code: 1).stderr) { $0.contains("taro-plugin-none") }
    try taro.configure("stuck", timeout: "500ms")
    try expect(test("stuck").expect(code: 1).stderr) { $0.contains("143") }
    #expect(!Files.exists(taro.ledger.database))
  }
}
