import Events
import Glibc
import Ledger
import Linux
import TestSupport
import Testing

@Suite("taro expect, unexpect and expectations", .temporaryDirectory)
struct ExpectTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  private func documents() throws -> [JSON] {
    try taro.run("expectations", "-f", "jsonl").text.split(separator: "\n").map {
      try JSON(parsing: String($0))
    }
  }

  private func expectations() throws -> [(job: String?, expectation: JobExpectation)] {
    try taro.events().filter { $0.kind == .jobExpected }.map {
      ($0.job, JobExpectation($0.json))
    }
  }

  /// A file with that text, and its path.
  private func file(_ name: String, _ text: String, mode: UInt32 = 0o644) throws -> String {
    let path = "\(TemporaryDirectory.path)/\(name)"
    try Files.write(Array(text.utf8), to: path)
    try #require(chmod(path, mode) == 0)
    return path
  }

  private static let me = Users.name(of: UInt32(getuid()))

  // MARK: Saying

  @Test
  func `record what is expected, and what is no longer, in a host that has run nothing yet too`()
    throws
  {
    let words = [
      "expect", "backup", "--cron", "0 3 * * *", "--tz", "Europe/Berlin", "--max-time", "2h",
    ]
    for begin in ["Expected of", "Already expected of"] {
      let result = try taro.start(bytes: words.map { Array($0.utf8) }).finish()
      result.expect(code: 0, stderr: "")
      expect(result.text) {
        $0.hasPrefix("\(begin) backup: 0 3 * * * (Europe/Berlin), at most 2h, next due ")
      }
    }
    try taro.run("expect", "sync", "--every", "1h", "--grace", "10m", "--may-overlap").expect(
      code: 0)
    try taro.run("expect", "sync", "--every", "2h", "--reason", "slower now").expect(code: 0)
    try expect(expectations().map(\.job), is: ["backup", "sync", "sync"])
    let last = try #require(try expectations().last?.expectation)
    #expect(last.due == .every(7_200_000_000))
    #expect(last.by.reason == "slower now")
    let documents = try documents()
    expect(documents.map { $0["job"]?.string }, is: ["backup", "sync"])
    try expect(documents.at(0)["next_due"]?.string?.hasSuffix(":00:00.000000Z"), is: true)
    try expect(documents.at(1)["every_seconds"]?.number, is: 7200)

    try taro.run("unexpect", "sync", "other").expect(code: 1, stdout: "No longer expected: sync\n")
      .expectOneLine(about: "nothing was expected of other", "taro expectations")
    try taro.run("unexpect", "backup").expect(code: 0, stdout: "No longer expected: backup\n")
    try expect(self.documents(), is: [])
    try expect(taro.events().suffix(2).map(\.kind), is: [.jobUnexpected, .jobUnexpected])
  }

  @Test func `expect nothing twice when many say it at once`() throws {
    let programs = try (0..<5).map { _ in try taro.start("expect", "backup", "--every", "1h") }
    for program in programs { try program.finish().expect(code: 0) }
    try expect(expectations().count, is: 1)
  }

  @Test(arguments: [
    (["expect"], "Missing JOB"), (["expect", "a"], "What is expected of a?"),
    (["expect", "a", "b", "--every", "1h"], "One JOB at a time"),
    (["expect", "a", "--every", "1h", "--cron", "@daily"], "exclude each other"),
    (["expect", "a", "--every", "0"], "has to be more than nothing"),
    (["expect", "a", "--every", "1x"], "--every"),
    (["expect", "a", "--cron", "0 25 * * *"], "hour: from 0 to 23"),
    (["expect", "a", "--cron", "0 3 * *"], "4 fields"),
    (["expect", "a", "--cron", "@reboot"], "start of the host"),
    (["expect", "a", "--cron", "@daily", "--tz", "Nowhere"], "no time zone"),
    (["expect", "a", "--calendar", "whenever"], "weekday"),
    (["expect", "a", "--every", "1h", "--tz", "UTC"], "--tz"),
    (["expect", "a", "--every", "1h", "--after", "yesterday"], "--after"),
    (["expect", "--from-crontab", "--from-timers"], "exclude each other"),
    (["expect", "--from-timers", "x"], "takes no names"),
    (["expect", "--from-crontab", "--every", "1h"], "say the times themselves"),
  ])
  func `refuse what is no expectation, and say why`(words: [String], reason: String) throws {
    let result = try taro.start(bytes: words.map { Array($0.utf8) }).finish()
    result.expect(code: 64, stdout: "")
    expect(result.stderr) { $0.contains(reason) }
    #expect(!Files.exists(taro.ledger.path))
  }

  // MARK: Crontabs

  private static let crontab = #"""
    # m h dom mon dow command
    MAILTO=root
    PATH=/usr/local/bin:/usr/bin:/bin
    0 3 * * 1-5 taro exec --id backup ./backup.sh --full >/dev/null 2>&1
    0 5 * * sat,sun  cd /srv && /usr/local/bin/taro exec --id=backup --timeout 2h ./backup.sh
    @hourly nice -n 5 taro exec -b ./sync.sh "to there" | logger
    */5 * * * * taro exec --id "$NAME" true
    * * * * * run-parts /etc/x
    @reboot taro exec --id start ./start.sh
    17 3 * * * taro exec ./stamp.sh `date +\%F`
    """#

  @Test func `take a crontab's jobs by their id or their command`() throws {
    let path = try file("crontab.txt", Self.crontab)
    let shown = try taro.run("expect", "--from-crontab", path).expect(code: 64)
    expect(shown.stderr) { $0.contains("--force") }
    #expect(!Files.exists(taro.ledger.path))

    let taken = try taro.run("expect", "--from-crontab", path, "--force").expect(
      code: 0, stderr: "")
    for part in [
      "backup", "line 7: the shell replaces something in its --id",
      "line 9: \"@reboot\": a start of the host", "line 10: its id is its command",
      "1 line starts no job by taro exec.", "Expected of backup: 0 3 * * 1-5; 0 5 * * sat,sun",
      "Expected of ./sync.sh to there: @hourly",
    ] {
      expect(taken.text) { $0.contains(part) }
    }
    try expect(expectations().map(\.job), is: ["backup", "./sync.sh to there"])
    try expect(expectations().at(0).expectation.source?.contains("line 4; "), is: true)
    // The same again changes nothing.
    try taro.run("expect", "--from-crontab", path, "--force").expect(code: 0)
    try expect(expectations().count, is: 2)
  }

  @Test func `leave out lines of other users, who have other ledgers`() throws {
    let path = try file(
      "table",
      "0 1 * * * \(Self.me) taro exec --id mine x\n0 2 * * * nobody taro exec --id theirs x\n")
    let taken = try taro.run("expect", "--from-crontab", "--with-users", path, "--force")
      .expect(code: 0)
    expect(taken.text) { $0.contains("line 2: it runs as nobody") }
    try expect(expectations().map(\.job), is: ["mine"])
  }

  @Test func `leave out what is run elsewhere, in another ledger, or not always`() throws {
    let path = try file(
      "table",
      #"""
      0 1 * * * taro exec --ledger /other --id no1 x
      0 1 * * * TARO_LEDGER=/other taro exec --id no2 x
      0 1 * * * sudo -u nobody taro exec --id no3 x
      0 1 * * * nice ssh host taro exec --id no4 x
      0 1 * * * [ x = y ] && taro exec --id no5 x
      0 1 * * * test -e /x || (cd /; taro exec --id no6 x)
      0 1 * * * echo taro exec --id no7 x
      0 1 * * * if true; then taro exec --id no8 x; fi
      0 1 * * * env TARO_LEDGER=\#(taro.ledger.path)/ taro exec --id yes1 x
      0 1 * * * test -e /x || echo none; cd / && umask 022 && taro exec --id yes2 x
      0 1 * * * (cd /; timeout 1h taro exec --ledger=\#(taro.ledger.path) --id yes3 x) | logger
      TARO_LEDGER=/other
      0 1 * * * taro exec --id no9 x
      0 1 * * * TARO_LEDGER=\#(taro.ledger.path) taro exec --id yes4 x
      """#)
    let taken = try taro.run("expect", "--from-crontab", path, "--force").expect(code: 0)
    try expect(expectations().map(\.job), is: ["yes1", "yes2", "yes3", "yes4"])
    for part in [
      "line 1: its ledger is /other; ask", "line 2: its ledger is /other; ask",
      "line 3: it is run by sudo", "line 4: it is run by ssh",
      "line 5: it is not always run: that depends on [ x = y ]",
      "line 6: it is not always run: that depends on test -e /x",
      "1 line starts no job by taro exec.", "line 8: then stands before it",
      "line 13: its ledger is /other",
    ] {
      expect(taken.text) { $0.contains(part) }
    }
  }

  @Test func `ask crontab for a user's`() throws {
    let directory = "\(TemporaryDirectory.path)/bin"
    try #require(mkdir(directory, 0o755) == 0)
    let script = """
      #!/bin/sh
      [ "$*" = "-l -u \(Self.me)" ] || { echo "no: $*" >&2; exit 1; }
      echo '0 4 * * * taro exec --id own x'

      """
    _ = try file("bin/crontab", script, mode: 0o755)
    let path = "\(directory):/usr/bin:/bin"
    try taro.run("expect", "--from-crontab", Self.me, "--force") { $0.environment["PATH"] = path }
      .expect(code: 0)
    try expect(expectations().map(\.job), is: ["own"])
    try taro.run("expect", "--from-crontab", "nobody", "--force") {
      $0.environment["PATH"] = path
    }.expect(code: 1).expectOneLine(about: "crontab -l of nobody: no: -l -u nobody")
  }

  @Test func `say what keeps a crontab from being read`() throws {
    try taro.run("expect", "--from-crontab", "/nowhere/at/all", "--force").expect(
      code: 1, stdout: ""
    )
    .expectOneLine(about: "/nowhere/at/all cannot be read", "No such file")
    let empty = try file("empty", "# nothing\n")
    try taro.run("expect", "--from-crontab", empty, "--force").expect(code: 1)
      .expectOneLine(about: "nothing to expect")
  }

  // MARK: Timers

  private static let systemctl = #"""
    #!/bin/sh
    case "$*" in
    *list-timers*) echo '[{"next":1796000000000000,"unit":"backup.timer","activates":"backup.service"},{"unit":"sync.timer"},{"unit":"tidy.timer"},{"unit":"once.timer"}]';;
    *show*backup.timer*) cat <<'END'
    Unit=backup.service
    TimersCalendar={ OnCalendar=*-*-* 03:00:00 ; next_elapse=Mon 2026-11-30 03:00:00 UTC }
    TimersCalendar={ OnCalendar=Sat *-*-* 12:00:00 ; next_elapse=Sat 2026-12-05 12:00:00 UTC }
    AccuracyUSec=1min
    RandomizedDelayUSec=1h 30min
    Id=backup.timer

    Unit=sync.service
    TimersMonotonic={ OnBootUSec=5min ; next_elapse=0 }
    TimersMonotonic={ OnUnitActiveUSec=1d ; next_elapse=1d }
    AccuracyUSec=1min
    RandomizedDelayUSec=0
    Id=sync.timer

    Unit=tidy.service
    TimersCalendar={ OnCalendar=*-*-* 00:00:00 ; next_elapse=x }
    Id=tidy.timer

    Unit=once.service
    TimersMonotonic={ OnBootUSec=5min ; next_elapse=0 }
    Id=once.timer
    END
    ;;
    *backup.service) echo 'ExecStart={ path=/usr/bin/taro ; argv[]=/usr/bin/taro exec --id backup /srv/backup.sh ; ignore_errors=no ; pid=0 }';;
    *sync.service) echo 'ExecStart={ path=/usr/bin/taro ; argv[]=/usr/bin/taro exec /srv/sync.sh --all ; ignore_errors=no }';;
    *once.service) echo 'ExecStart={ path=/usr/bin/taro ; argv[]=/usr/bin/taro exec --id once x ; ignore_errors=no }';;
    *tidy.service) echo 'ExecStart={ path=/usr/bin/tidy ; argv[]=/usr/bin/tidy ; ignore_errors=no }';;
    *) echo "strange: $*" >&2; exit 1;;
    esac
    """#

  @Test func `take what systemctl tells of timers`() throws {
    let directory = "\(TemporaryDirectory.path)/bin"
    try #require(mkdir(directory, 0o755) == 0)
    _ = try file("bin/systemctl", Self.systemctl, mode: 0o755)
    let taken = try taro.run("expect", "--from-timers", "--force") {
      $0.environment["PATH"] = "\(directory):/usr/bin:/bin"
    }.expect(code: 0, stderr: "")
    expect(taken.text) { $0.contains("Left out: once.timer: it elapses once") }
    expect(taken.text) { $0.contains("1 timer starts no job by taro exec.") }
    let found = try expectations()
    expect(found.map(\.job), is: ["backup", "/srv/sync.sh --all"])
    try expect(
      found.at(0).expectation.due,
      is: .times(cron: [], calendar: ["*-*-* 03:00:00", "Sat *-*-* 12:00:00"]))
    try expect(found.at(0).expectation.grace, is: 300_000_000 + 5_460_000_000)
    try expect(found.at(1).expectation.due, is: .every(86_400_000_000))
  }
}
