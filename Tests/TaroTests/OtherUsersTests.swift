internal import Events
import Glibc
internal import Ledger
import Linux
import TestSupport
import Testing

/// What other users put in the way of root, and of users without a home.
@Suite(
  .temporaryDirectory,
  .enabled(if: TestHost.canMount && TestHost.othersCanExecute, "several users, mounts of one's own")
)
struct OtherUsersTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  /// Commands of the scripts: `as UID COMMAND...`, without a home, a session or a ledger that is named.
  private static let user = """
    as() {
      user=$1; shift
      env -u TARO_LEDGER -u XDG_RUNTIME_DIR HOME=/nonexistent \
        setpriv --reuid=$user --regid=$user --clear-groups "$@"
    }
    mount -t tmpfs -o mode=1777 none /tmp
    mount -t tmpfs -o mode=755 none /run
    cd /

    """

  private func script(_ text: String) throws -> TaroResult {
    try taro.shell(Self.user + text) {
      $0.hasPrivateMachine = true
      $0.environment["TARO_LEDGER"] = ""
      $0.environment["HOME"] = "/root"
    }
  }

  // MARK: Users without a home directory

  @Test func `a user without a home has a ledger where that was prepared, and gates in it`() throws
  {
    let result = try script(
      """
      install -d -m 1733 /var/lib/taro-users
      as 61001 "$TARO" exec --id a true
      as 61001 "$TARO" exec --id a --depends-on none true
      as 61001 "$TARO" hist -f jsonl | wc -l
      stat -c '%u %a' /var/lib/taro-users/61001
      as 61001 "$TARO" ledger verify > /dev/null && echo good
      as 61002 "$TARO" hist --ledger /var/lib/taro-users/61001 2> /dev/null || echo "not for others"
      ls /tmp
      """
    ).expect(code: 0, stderr: "")
    #expect(result.lines == ["2", "61001 700", "good", "not for others"])
  }

  @Test func `nothing prepared: one line says what to do, and root's first run does it`() throws {
    let result = try script(
      """
      as 61001 "$TARO" exec --id a sh -c 'echo out; exit 3'; echo $?
      as 61001 "$TARO" ps > /dev/null; echo $?
      "$TARO" exec true
      stat -c '%u %a' /var/lib/taro-users
      as 61001 "$TARO" hist -f jsonl | grep -c '"FAILED"'
      as 61001 "$TARO" output a
      """
    ).expect(code: 0)
    #expect(result.lines == ["out", "3", "0", "0 1733", "1", "out"])
    let lines = result.errorLines
    #expect(lines.count == 2, "\(result)")
    #expect(lines.first?.contains("kept in /tmp/taro-spool-61001/") == true, "\(result)")
    #expect(lines.allSatisfy { $0.contains("install -d -m 1733 /var/lib/taro-users") }, "\(result)")
    #expect(lines.last?.contains("1 run waits in /tmp/taro-spool-61001/") == true, "\(result)")
  }

  @Test func `who takes another's place there is named, and gets nothing`() throws {
    let result = try script(
      """
      install -d -m 1733 /var/lib/taro-users
      as 61002 mkdir -m 777 /var/lib/taro-users/61001
      as 61001 "$TARO" exec echo out
      ls -A /var/lib/taro-users/61001
      """
    ).expect(code: 0, stdout: "out\n")
    result.expectOneLine(about: "belongs to 61002", "root can remove it")
  }

  @Test func `what waits for a ledger is named by whoever asks, with the same exit code`() throws {
    let result = try script(
      """
      as 61001 "$TARO" exec --ledger /nope/x --id a true 2> /dev/null
      as 61001 "$TARO" exec --ledger /nope/x --id b true 2> /dev/null
      for command in ps hist "show a" "ledger info" "stop a"; do
        as 61001 "$TARO" $command --ledger /nope/x > /dev/null 2> /tmp/said; echo $?
        grep -c "2 runs wait in /tmp/taro-spool-61001/.*, the oldest since .*mkdir /nope" /tmp/said
      done
      """
    ).expect(code: 0)
    #expect(result.lines == ["1", "1", "1", "1", "1", "1", "1", "1", "1", "1"])
  }

  @Test func `ledger info names runs that could not be taken in`() throws {
    try taro.run("exec", "true").expect(code: 0)
    chmod(taro.ledger.path, 0o770)
    try expect(taro.run("exec", "--id", "a", "true").code, is: 0)
    chmod(taro.ledger.path, 0o700)
    let info = try taro.shell(
      """
      mount --bind "$TARO_LEDGER" "$TARO_LEDGER" && mount -o remount,ro,bind "$TARO_LEDGER"
      "$TARO" ledger info -f json
      """
    ) { $0.hasPrivateMachine = true }
    let document = try JSON(parsing: info.text)
    var contract = try JSONContract("The ledger document")
    #expect(contract.check(document) == [])
    #expect(document["spooled_runs"] == 1)
    #expect(document["spooled_since"] != .null)
    #expect(document["spools"]?.array?.count == 1)
    #expect(info.stderr.contains("1 run waits in"))
  }

  // MARK: Places that others have taken

  @Test func `a place in tmp that a stranger has taken is told, and another is found again`() throws
  {
    let result = try script(
      """
      as 61002 mkdir -m 777 /tmp/taro-spool-61001
      as 61001 "$TARO" exec --ledger /var/lib/x/y --id a echo one
      as 61001 "$TARO" exec --ledger /var/lib/x/y --id b echo two
      ls -A /tmp/taro-spool-61001; ls -d /tmp/taro-spool-61001-* | wc -l
      install -d -o 61001 /var/lib/x
      rmdir /tmp/taro-spool-61001
      as 61001 "$TARO" hist --ledger /var/lib/x/y -f jsonl | wc -l
      """
    ).expect(code: 0)
    #expect(result.lines == ["one", "two", "1", "2"])
    #expect(result.errorLines.count == 4, "\(result)")
    #expect(
      result.stderr.contains("nothing is kept in /tmp/taro-spool-61001: it belongs to 61002"),
      "\(result)")
    #expect(result.stderr.contains("kept in /tmp/taro-spool-61001-"), "\(result)")
  }

  @Test func `root's places cannot be taken`() throws {
    let result = try script(
      """
      unset XDG_RUNTIME_DIR
      as 61002 mkdir -m 777 /tmp/taro-spool-0
      mkdir -m 770 /var/lib/l
      "$TARO" exec --ledger /var/lib/l --id a echo out
      find /tmp/taro-spool-0 -type f
      find /var/lib/taro-spool -name '*.jsonl' | wc -l
      chmod 700 /var/lib/l
      "$TARO" exec --ledger /var/lib/l true
      find /var/lib/taro-spool -name '*.jsonl'
      "$TARO" hist --ledger /var/lib/l -f jsonl | wc -l
      """
    ).expect(code: 0)
    #expect(result.lines == ["out", "1", "2"])
    result.expectOneLine(about: "kept in /var/lib/taro-spool/")
  }

  @Test func `a session that is somebody else's is no place, nor is anything taken in from there`()
    throws
  {
    try taro.run("exec", "true").expect(code: 0)
    chmod(taro.ledger.path, 0o770)
    try expect(taro.run("exec", "--id", "a", "true").code, is: 0)
    chmod(taro.ledger.path, 0o700)
    // What is in it is root's still, as if it had been moved or linked there.
    try #require(chown(taro.runtime, 61_002, 61_002) == 0)
    try taro.run("exec", "--id", "b", "true").expect(code: 0, stderr: "")
    try expect(taro.ending(ofJob: "a")) { $0 == nil }
    let result = try taro.shell(
      "mount -t tmpfs none /run; chmod 770 \"$TARO_LEDGER\"; \"$TARO\" exec --id c true; chmod 700 \"$TARO_LEDGER\"; "
        + "find /var/lib -name '*.jsonl' | wc -l"
    ) { $0.hasPrivateMachine = true }
    result.expect(code: 0, stdout: "1\n").expectOneLine(about: "kept in /var/lib/taro-spool/")
    try #require(chown(taro.runtime, 0, 0) == 0)
    for mode: mode_t in [0o755, 0o700] {
      chmod(taro.runtime, mode)
      try taro.run("ps").expect(code: 0, stderr: "")
      try expect((taro.ending(ofJob: "a") != nil), is: (mode == 0o700))
    }
  }

  /// The directory is exchanged all the time for one with a forged run, by its owner.
  @Test func `names that are exchanged while root looks bring nothing into its ledger`() throws {
    try taro.run("exec", "true").expect(code: 0)
    chmod(taro.ledger.path, 0o770)
    try expect(taro.run("exec", "--id", "forged", "true").code, is: 0)
    chmod(taro.ledger.path, 0o700)
    let result = try taro.shell(
      """
      mv "$XDG_RUNTIME_DIR/taro-spool" forged && chown -R 61002 forged "$XDG_RUNTIME_DIR" . || exit
      mkdir "$XDG_RUNTIME_DIR/real"
      (cd "$XDG_RUNTIME_DIR"; exec setpriv --reuid=61002 --clear-groups sh -c 'while :; do
        ln -sfn real taro-spool; ln -sfn ../work/forged taro-spool; done') &
      for i in 1 2 3 4 5 6 7 8 9 10; do "$TARO" exec --id "b$i" true; "$TARO" ps > /dev/null; done
      kill $!
      "$TARO" hist -f jsonl "forged*"
      """
    )
    result.expect(code: 0, stdout: "", stderr: "")
  }

  @Test func `a ledger that others can put another in the place of is not used`() throws {
    let shared = "\(taro.root)/shared"
    try #require(mkdir(shared, 0o755) == 0 && chmod(shared, 0o777) == 0)
    let ledger = "\(shared)/ledger"
    try taro.run("exec", "--ledger", ledger, "echo", "out").expect(code: 0, stdout: "out\n")
      .expectOneLine(about: "others can put another in its place", shared, "(mode 777)")
    #expect(!Files.exists(ledger))
    chmod(shared, 0o1777)
    try taro.run("hist", "--ledger", ledger, "-f", "jsonl").expect(code: 0, stderr: "")
    #expect(Files.exists("\(ledger)/ledger.db"))
  }

  // MARK: Configuration and plugins of others

  private func writePlugin(_ path: String) throws {
    try Files.write(Array("#!/bin/sh\ntouch '\(taro.root)/told'\ncat > /dev/null\n".utf8), to: path)
    chmod(path, 0o755)
  }

  @Test(arguments: ["HOME", "XDG_CONFIG_HOME"])
  func `a configuration that a kept variable names runs nothing of its owner's`(
    variable: String
  ) throws {
    let theirs = "\(taro.root)/theirs"
    let folder = variable == "HOME" ? "\(theirs)/.config/taro" : "\(theirs)/taro"
    try taro.shell("mkdir -p \(folder) \(theirs)/plugins").expect(code: 0)
    try writePlugin("\(theirs)/plugins/taro-plugin-x")
    let path = "\(folder)/taro.yaml"
    let text = "plugins: x\nplugin_directory: \(theirs)/plugins\n"
    try Files.write(Array(text.utf8), to: path)
    // The file itself is root's: it is enough that the directory is not.
    try #require(chown(theirs, 61_002, 61_002) == 0)
    let change = { (setup: inout TaroProgram.Setup) in setup.environment[variable] = theirs }
    try taro.run("exec", "echo", "out", change: change).expect(code: 0, stdout: "out\n")
      .expectOneLine(about: "\(path) is not used", theirs, "belongs to 61002", "-C")
    try taro.run("ps", change: change).expect(code: 0).expectOneLine(about: "is not used")
    let check = try taro.run("config", "check", change: change).expect(code: 0, stderr: "")
    #expect(check.text.contains("\(path) is not used"))
    #expect(check.text.contains("no file is used"))
    for command in ["path", "show"] {
      let said = try taro.run("config", command, change: change).expect(code: 1, stdout: "")
      #expect(said.errorLines.first?.contains("\(path) is not used") == true)
    }
    #expect(!Files.exists("\(taro.root)/told"))
    // Named, it is used, and the plugin that it names is not.
    try taro.run("exec", "-C", path, "true").expect(code: 0)
      .expectOneLine(about: "plugin x", "is not used", "belongs to 61002")
    #expect(!Files.exists("\(taro.root)/told"))
    try #require(chown(theirs, 0, 0) == 0)
    try taro.run("exec", "true", change: change).expect(code: 0, stderr: "")
    #expect(Files.exists("\(taro.root)/told"))
  }

  @Test(arguments: [(61_002, 0o755), (0, 0o777)] as [(UInt32, UInt32)])
  func `a plugin that others have made or can write is not run`(owner: UInt32, mode: UInt32) throws
  {
    let folder = "\(taro.root)/plugins"
    try #require(mkdir(folder, 0o755) == 0)
    let plugin = "\(folder)/taro-plugin-x"
    try writePlugin(plugin)
    try #require(chown(plugin, owner, 0) == 0 && chmod(plugin, mode) == 0)
    let options = ["--set", "plugins=x", "--set", "plugin_directory=\(folder)"]
    let words = ["exec"] + options + ["echo", "out"]
    try taro.start(bytes: words.map { Array($0.utf8) }).finish()
      .expect(code: 0, stdout: "out\n").expectOneLine(about: "plugin x: \(plugin) is not used")
    #expect(!Files.exists("\(taro.root)/told"))
    let list = try taro.start(bytes: (["plugins"] + options).map { Array($0.utf8) }).finish()
    #expect(list.text.contains("not used"), "\(list)")
    let test = try taro.start(bytes: (["plugins", "test", "x"] + options).map { Array($0.utf8) })
    try test.finish().expect(code: 1, stdout: "").expectOneLine(about: "\(plugin) is not used")
  }

  @Test func `a log that a stranger has linked is not written`() throws {
    let folder = "\(taro.root)/logs"
    try #require(mkdir(folder, 0o755) == 0 && chown(folder, 61_002, 0) == 0)
    let victim = "\(taro.root)/victim"
    try Files.write([], to: victim)
    symlink(victim, "\(folder)/taro.log")
    try taro.run(
      "exec", "--set", "log.mode=on", "--set", "log.file.path=\(folder)/taro.log", "true"
    ).expect(code: 0).expectOneLine(about: "the log", "belongs to 61002")
    #expect(Files.size(victim) == 0)
  }
}
