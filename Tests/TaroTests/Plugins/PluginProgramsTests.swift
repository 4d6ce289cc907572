internal import Events
import Glibc
internal import Ledger
import Linux
import TestSupport
import Testing

@Suite("The plugins that come with taro", .temporaryDirectory)
struct PluginProgramsTests {
  private let taro: TaroProgram
  private let programs: String

  init() throws {
    taro = try TaroProgram()
    programs = try BuiltProgram.path("taro").replacing(/\/[^\/]*$/, with: "")
  }

  private func configure(_ name: String, _ settings: String) throws {
    try taro.configure(
      name, directory: programs, settings: "  \(name):\n" + settings.indented(by: 4))
  }

  /// A sendmail that keeps each message in a file of its own.
  private func makeSendmail(_ after: String = "exit 0") throws -> String {
    let path = "\(taro.root)/sendmail"
    let script = """
      #!/bin/sh
      echo "$*" >> '\(taro.root)/arguments'
      n=$(ls '\(taro.root)' | grep -c '^mail')
      cat > '\(taro.root)/mail'$n
      \(after)
      """
    try Files.write(Array(script.utf8), to: path)
    chmod(path, 0o755)
    return path
  }

  private func mails() throws -> [String] {
    try Files.names(in: taro.root).filter { $0.hasPrefix("mail") }
      .map { try Files.text("\(taro.root)/\($0)") }
  }

  // MARK: exec

  @Test func `exec runs commands on states and warnings that match, without a shell`() throws {
    let note = "\(taro.root)/note"
    try Files.write(
      Array(
        "#!/bin/sh\necho \"$TARO_STATE|$TARO_WARNING|$TARO_WARNING_TEXT|$*\" >> '\(taro.root)/notes'\n"
          .utf8),
      to: note)
    chmod(note, 0o755)
    try configure(
      "exec",
      """
      rules:
        - {states: [failed], run: [\(note), a b, '$HOME']}
        - {states: [running, completed], run: \(note) plain words}
        - {warnings: [output], jobs: ['back*'], run: [\(note), warned]}
        - {states: [failure], jobs: [other], run: [\(note), never]}
      """)
    let script = "echo oops; echo oops; exit 3"
    try taro.execWithPlugins("backup", "--warn-output", "oops", "sh", "-c", script).expect(code: 3)
    try taro.execWithPlugins("import", "--warn-output", "oops", "sh", "-c", "echo oops").expect(
      code: 0)
    try expect(
      taro.told("notes").sorted(),
      is: [
        "COMPLETED|||plain words", "FAILED|||a b $HOME", "RUNNING|||plain words",
        "RUNNING|||plain words", "|output|oops|warned",
      ])
    try expect(taro.pluginLog(), is: [])
  }

  @Test func `exec tells the command everything about the event`() throws {
    let script = "env | grep ^TARO_ > ../env; cat > ../event"
    try configure("exec", "rules:\n  - {states: [failed], run: [sh, -c, '\(script)']}")
    try taro.execWithPlugins("job", "sh", "-c", "exit 3").expect(code: 3)
    let event = EventLine.text(try #require(try taro.events().last))
    try expect(taro.told("event"), is: [event])
    let variables = try taro.told("env")
    let instance = try taro.instance("job")
    for variable in [
      "TARO_EVENT_JSON=\(event)", "TARO_STATE=FAILED", "TARO_EXIT_CODE=3", "TARO_SIGNAL=",
      "TARO_REASON=exit code 3", "TARO_CHANGE=",
      "TARO_WARNING=", "TARO_JOB=job", "TARO_INSTANCE=\(instance)", "TARO_PLUGIN_CONFIG=",
    ] {
      #expect(variables.contains(variable), "\(variable) is not in \(variables)")
    }
  }

  @Test func `exec says what its commands could not do`() throws {
    try configure(
      "exec",
      """
      rules:
        - {states: [running], run: [sh, -c, 'echo complaint; exit 5']}
        - {states: [running], run: [/nonexistent/program]}
        - {states: [completed], run: [touch, ../done]}
      """)
    try taro.execWithPlugins("job", "echo", "x").expect(code: 0, stdout: "x\n", stderr: "")
    let log = try taro.pluginLog()
    for words in [
      "complaint", "sh: exit code 5", "/nonexistent/program: no such file", "exit code 1",
    ] {
      #expect(log.contains { $0.contains(words) }, "\(words) is not in \(log)")
    }
    #expect(Files.exists("\(taro.root)/done"))
  }

  @Test(arguments: [
    ("exec", "{}", "there are no rules"), ("exec", "{rules: x}", "rules has to be a list"),
    ("exec", "{rules: [{states: [failed]}]}", "has no run"),
    ("exec", "{rules: [{run: x}]}", "say states or warnings, or changes"),
    (
      "exec", "{rules: [{run: x, states: fialed}]}",
      "rules[1].states: there is no state or group \"fialed\""
    ),
    ("exec", "{rules: [{run: x, warnings: loud}]}", "no warning \"loud\""),
    ("exec", "{rules: [{run: x, state: failed}]}", "rules[1].state is unknown"),
    ("mail", "{}", "to is missing"),
    ("mail", "{to: [\"a\\nBcc: b\"]}", "to has to be an address"),
    ("mail", "{to: a, from: \"b\\rX: y\"}", "from has to be an address"),
    ("mail", "{to: a, lines: many}", "lines has to be a number"),
    ("exec", "{rules: [{run: x, changes: recoverd}]}", "no change \"recoverd\""),
    (
      "exec", "{rules: [{run: x, changes: all, name: a}, {run: y, changes: all, name: a}]}",
      "another rule has that name"
    ),
    ("mail", "{to: a, states: []}", "no mail would ever be sent"),
    ("mail", "{to: a, changes: []}", "no mail would ever be sent"),
    ("mail", "{to: a, sendmail: ''}", "sendmail names no command"),
  ])
  func `settings that cannot be used are named`(name: String, settings: String, complaint: String)
    throws
  {
    try configure(name, settings)
    try taro.execWithPlugins("job", "echo", "x").expect(code: 0, stdout: "x\n", stderr: "")
    let log = try taro.pluginLog()
    #expect(log.contains { $0.contains("[plugin_says]") && $0.contains(complaint) }, "\(log)")
    #expect(log.contains { $0.contains("exit code 78") }, "\(log)")
  }

  // MARK: mail

  @Test func `mail tells of a failure, with the last lines and how to look further`() throws {
    let sendmail = try makeSendmail()
    try configure(
      "mail",
      "to: [ops@example.org, night@example.org]\nfrom: taro@example.org\nsendmail: \(sendmail) -t -i\nlines: 3"
    )
    let script = "seq 100; echo last >&2; exit 3"
    try taro.execWithPlugins("backup", "sh", "-c", script).expect(code: 3, stderr: "last\n")
    try taro.execWithPlugins("backup", "true").expect(code: 0)
    let mails = try mails()
    #expect(mails.count == 2)
    try expect(taro.told("arguments"), is: ["-t -i", "-t -i"])
    let parts = try #require(mails.first).split(separator: "\n\n", maxSplits: 1).map(String.init)
    let header = try parts.at(0).split(separator: "\n").map(String.init)
    try expect(header.at(0), is: "From: taro@example.org")
    #expect(header[1...2] == ["To: ops@example.org,", " night@example.org"])
    try expect(header.at(3), is: "Subject: Job backup failed: exit code 3 on \(Host.name())")
    #expect(header.contains("Content-Transfer-Encoding: 7bit"))
    let instance = try #require(try taro.events().first?.instance?.text)
    for text in [
      "Job backup failed: exit code 3.\n", "command    sh -c '\(script)'\n", "state      FAILED\n",
      "Its last lines:\n\n99\n100\nlast\n\n",
      "taro why \(instance) --ledger \(taro.ledger.path)\n", "last good  never\n",
      "taro output \(instance) --ledger ", "taro hist backup --ledger ",
    ] {
      try expect(parts.at(1), "\(text) is not in \(parts[1])") { $0.contains(text) }
    }
    try expect(taro.pluginLog(), is: [])
  }

  @Test
  func `mail comes for the states and warnings that are asked for, once for each wish`() throws {
    let sendmail = try makeSendmail()
    try configure(
      "mail", "to: ops\nsendmail: [\(sendmail)]\nstates: [completed]\nwarnings: [output]")
    let script = "echo oops; sleep 0.1; echo oops"
    try taro.execWithPlugins("a", "--warn-output", "oops", "sh", "-c", script).expect(code: 0)
    try taro.execWithPlugins("b", "false").expect(code: 1)
    let subjects = try mails().map { mail in
      mail.split(separator: "\n").first { $0.hasPrefix("Subject: ") }.map(String.init)
    }
    #expect(
      subjects == [
        "Subject: Job a has a warning: output oops on \(Host.name())",
        "Subject: Job a completed on \(Host.name())",
      ])
  }

  @Test(arguments: [
    "a\nBcc: evil@example.org", "a\r\n\r\nbody", "ü\u{2028}Bcc: x", "=?UTF-8?Q?a?=", "a\u{1}",
  ])
  func `no job id writes a header`(id: String) throws {
    try configure("mail", "to: ops\nsendmail: [\(try makeSendmail())]")
    try taro.execWithPlugins(id, "false").expect(code: 1)
    let mail = try #require(try mails().first)
    let header = try #require(mail.split(separator: "\n\n", maxSplits: 1).first)
    let names = header.split(separator: "\n").filter { !$0.hasPrefix(" ") }
      .map { $0.prefix { $0 != ":" } }
    #expect(
      names == [
        "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Auto-Submitted",
        "MIME-Version", "Content-Type",
        "Content-Transfer-Encoding",
      ])
    #expect(header.utf8.allSatisfy { $0 == 10 || (0x20...0x7e).contains($0) })
  }

  @Test func `a mail that sendmail does not take is said, and the job is as ever`() throws {
    try configure("mail", "to: ops\nsendmail: [\(try makeSendmail("exit 75"))]")
    try taro.execWithPlugins("job", "sh", "-c", "echo x; exit 3").expect(
      code: 3, stdout: "x\n", stderr: "")
    let log = try taro.pluginLog()
    #expect(
      log.contains { $0.contains("a change of job was not told") && $0.contains("exit code 75") },
      "\(log)")
    #expect(
      log.contains { $0.contains("[plugin_failed]") && $0.contains("exit code 1]") }, "\(log)")
  }

  @Test func `a huge output makes a mail of bounded size`() throws {
    try configure("mail", "to: ops\nsendmail: [\(try makeSendmail())]")
    let script = "head -c 5000000 /dev/zero | tr '\\0' x; exit 3"
    try taro.execWithPlugins("job", "sh", "-c", script).expect(code: 3)
    let mail = try #require(try mails().first)
    #expect(mail.utf8.count < 100_000)
    #expect(mail.contains("Content-Transfer-Encoding: quoted-printable"))
    #expect(mail.split(separator: "\n").allSatisfy { $0.utf8.count <= 998 })
  }
}

extension String {
  fileprivate func indented(by count: Int) -> String {
    split(separator: "\n").map { String(repeating: " ", count: count) + $0 }.joined(separator: "\n")
  }
}
