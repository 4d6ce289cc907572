import Events
import Schedules
import TestSupport
import Testing

@Suite struct `A crontab` {
  @Test func `has lines with a time and a command, among variables and comments`() throws {
    let crontab = Crontab(
      """
      # m h dom mon dow command
      SHELL=/bin/bash
      MAILTO = "root, ops"
        'A name' = 1
      \t
      0 3 * * *\t/usr/local/bin/backup --full
        */5 8-18 * * mon-fri   check   twice
      @daily report
      @REBOOT start
      61 * * * * never
      0 0 * * *
      EMPTY=
      - 1 * * * nothing
      -5 1 * * * quiet
      """, hasUsers: false)
    #expect(crontab.lines.map(\.number) == [6, 7, 8, 14])
    #expect(
      crontab.lines.map(\.schedule.text) == [
        "0 3 * * *", "*/5 8-18 * * mon-fri", "@daily", "5 1 * * *",
      ])
    #expect(
      crontab.lines.map(\.command) == [
        "/usr/local/bin/backup --full", "check   twice", "report", "quiet",
      ])
    #expect(crontab.lines.allSatisfy { $0.user == nil && $0.zone == nil })
    #expect(crontab.problems.map(\.number) == [9, 10, 11, 13])
    try expect(crontab.problems.at(1).error.description, is: "\"61\": minute: from 0 to 59")
  }

  @Test func `of the system has a user before the command`() throws {
    let crontab = Crontab(
      "17 *\t* * *\troot\tcd / && run-parts --report /etc/cron.hourly\n@weekly www-data tidy\n0 0 * * * root\n",
      hasUsers: true)
    #expect(crontab.lines.map(\.user) == ["root", "www-data"])
    #expect(
      crontab.lines.map(\.command) == ["cd / && run-parts --report /etc/cron.hourly", "tidy"])
    #expect(crontab.problems.map(\.number) == [3])
  }

  @Test(arguments: [
    (#"date +\%F > log"#, "date +%F > log"), ("mail ops%Hello%%ops", "mail ops"),
    (#"echo \\%x"#, #"echo \%x"#), (#"echo a\b"#, #"echo a\b"#), (#"a \%\%b%c"#, "a %%b"),
    ("trailing  ", "trailing"),
  ])
  func `ends a command at the first % that is none of its own`(line: String, command: String) {
    let crontab = Crontab("0 0 * * * \(line)", hasUsers: false)
    #expect(crontab.lines.map(\.command) == [command])
  }

  @Test func `may name a zone for the lines below`() {
    let crontab = Crontab(
      "0 1 * * * a\nCRON_TZ=Asia/Tokyo\n0 2 * * * b\n0 3 * * * c\nCRON_TZ=\n0 4 * * * d\n",
      hasUsers: false)
    #expect(crontab.lines.map(\.zone) == [nil, "Asia/Tokyo", "Asia/Tokyo", nil])
  }

  @Test func `written elsewhere has other ends of lines`() {
    let crontab = Crontab("0 1 * * * a\r\nX=1\r\n\r\n0 2 * * * b\r\n", hasUsers: false)
    #expect(crontab.lines.map(\.command) == ["a", "b"])
    #expect(crontab.problems.isEmpty)
  }

  @Test func `of any bytes is read without harm`() {
    var generator = SeededGenerator(for: "crontabs")
    let alphabet = Array("0123456789*/,- \t\n%\\\"'=@aSUNé\u{0}#")
    for _ in 0..<2000 {
      let text = String((0..<40).compactMap { _ in alphabet.randomElement(using: &generator) })
      for hasUsers in [false, true] {
        for line in Crontab(text, hasUsers: hasUsers).lines {
          _ = ShellCommand.commands(line.command)
          _ = line.schedule.next(after: 1_800_000_000, in: .utc)
        }
      }
    }
  }
}

@Suite struct `A line for the shell` {
  private func words(_ line: String) -> [[String]] {
    ShellCommand.commands(line).map { $0.words.map { $0.isLiteral ? $0.text : "?\($0.text)" } }
  }

  @Test(arguments: [
    ("run --id backup ./b.sh", [["run", "--id", "backup", "./b.sh"]]),
    (
      "cd /srv && run a; run b || c | d & e",
      [["cd", "/srv"], ["run", "a"], ["run", "b"], ["c"], ["d"], ["e"]]
    ),
    ("run a >/dev/null 2>&1", [["run", "a"]]), ("run a > 'a b' b", [["run", "a", "b"]]),
    ("run a >>log 2>>err <in x", [["run", "a", "x"]]), ("run a &>log", [["run", "a"]]),
    ("run 'a  b' \"c'd\" e\\ f ''", [["run", "a  b", "c'd", "e f", ""]]),
    ("run \"a\\\"b\\$c\\d\"", [["run", "a\"b$c\\d"]]),
    ("(cd x; run a) # never", [["cd", "x"], ["run", "a"]]), ("run a#b", [["run", "a#b"]]),
    (
      "run $HOME/x \"$y\" '$z' `date` *.txt ~/a a~",
      [
        ["run", "?$HOME/x", "?$y", "$z", "?`date`", "?*.txt", "?~/a", "a~"]
      ]
    ),
    ("run 2 >x", [["run", "2"]]), ("", []), ("'never ends", [["never ends"]]),
  ])
  func `is commands of words`(line: String, commands: [[String]]) {
    #expect(words(line) == commands)
  }
}
