internal import Events
import Glibc
import Ledger
import TestSupport
import Testing

@Suite("On a terminal", .temporaryDirectory)
struct OnTerminalTests {
  private let taro: TaroProgram

  init() throws {
    taro = try TaroProgram()
    try taro.exec("good", "true")
    try taro.exec("bad", "false", code: 1)
  }

  /// What a command shows on a terminal.
  private func shown(
    _ arguments: String..., columns: Int = 200, environment: [String: String] = ["PAGER": ""]
  ) throws -> String {
    let terminal = try QueryTerminal()
    let process = try taro.start(bytes: arguments.map { Array($0.utf8) }) { setup in
      terminal.attach(&setup, columns: columns)
      setup.environment.merge(environment) { $1 }
    }
    try process.finish().expect(code: 0)
    return terminal.readAll()
  }

  private func script(_ name: String, _ text: String) throws -> String {
    let path = "\(taro.work)/\(name)"
    try Files.write(Array("#!/bin/sh\n\(text)\n".utf8), to: path)
    chmod(path, 0o755)
    return path
  }

  @Test func `states have colours, and the row of a failed run has one`() throws {
    let text = try shown("hist")
    #expect(text.contains("\u{1b}[1mJOB ID\u{1b}[0m"))
    #expect(text.contains("\u{1b}[1;91mbad\u{1b}[0m"))
    #expect(text.contains("\u{1b}[91mFAILED\u{1b}[0m"))
    #expect(text.contains("\u{1b}[1mgood\u{1b}[0m"))
    try expect(taro.run("hist").text.contains("\u{1b}"), is: false, "in a pipe there are none")
  }

  @Test(
    arguments: [
      ([], ["NO_COLOR": ""]), ([], ["TARO_NO_COLOR": "1"]), ([], ["TERM": "dumb"]),
      (["--no-color"], [:]),
    ] as [([String], [String: String])])
  func `nobody gets colours who does not want them`(
    options: [String], environment: [String: String]
  ) throws {
    let terminal = try QueryTerminal()
    for command in [["hist", "-P"], ["ps"], ["show", "bad"]] {
      let process = try taro.start(bytes: (command + options).map { Array($0.utf8) }) { setup in
        terminal.attach(&setup)
        setup.environment.merge(environment) { $1 }
      }
      try process.finish().expect(code: 0)
    }
    let text = terminal.readAll()
    #expect(text.contains("bad"))
    #expect(text.contains("JOB ID"))
    #expect(!text.contains("\u{1b}"))
  }

  @Test func `a table is as wide as the terminal`() throws {
    for columns in [110, 200] {
      let text = try shown("hist", "--no-color", columns: columns)
      let separator = try text.split(separator: "\n").at(1)
      #expect(separator.count == columns)
      #expect(text.split(separator: "\n").allSatisfy { $0.count <= columns })
    }
  }

  @Test func `hist goes through the pager, and nothing else does`() throws {
    let pager = try script("pager", #"echo "paged $* LESS=$LESS"; cat"#)
    let environment = ["PAGER": "\(pager) -a b"]
    try expect(shown("hist", environment: environment)) { $0.hasPrefix("paged -a b LESS=FRX\n") }
    try expect(shown("hist", environment: ["PAGER": "no", "TARO_PAGER": pager])) {
      $0.hasPrefix("paged")
    }
    for command in [["hist", "-P"], ["hist", "-f", "json"], ["ps"], ["show", "bad"]] {
      let terminal = try QueryTerminal()
      try taro.start(bytes: command.map { Array($0.utf8) }) { setup in
        terminal.attach(&setup)
        setup.environment.merge(environment) { $1 }
      }.finish().expect(code: 0)
      #expect(!terminal.readAll().contains("paged"), "\(command)")
    }
    let piped = try taro.run("hist") { $0.environment["PAGER"] = pager }
    #expect(!piped.text.contains("paged"))
  }

  @Test func `a pager that is not there is done without`() throws {
    let text = try shown("hist", "--no-color", environment: ["PAGER": "/no/such/pager"])
    #expect(text.contains("good"))
    #expect(text.contains("bad"))
    #expect(!text.contains("/no/such/pager"))
  }

  @Test
  func `a person who leaves the pager early, or presses Ctrl-C in it, ends taro quietly`() throws {
    for number in 0..<200 { try? appendLongRun(number) }
    let leaves = try script("leaves", "head -n 1 >/dev/null")
    try expect(shown("hist", environment: ["PAGER": leaves]), is: "")

    // A pager for which Ctrl-C is a key like others, as it is for less.
    let ignores = try script("ignores", "trap '' INT; echo ready; read -r key </dev/tty; echo left")
    let terminal = try QueryTerminal()
    let process = try taro.start("hist") { setup in
      terminal.attach(&setup)
      setup.environment["PAGER"] = ignores
      setup.wrapper = ["setsid", "-c", "-w"]
    }
    try terminal.read(until: "ready")
    try terminal.type("\u{3}")
    try terminal.type("q\n")
    try terminal.read(until: "left")
    try process.finish().expect(code: 0)
  }

  private func appendLongRun(_ number: Int) throws {
    let writer = try LedgerWriter(taro.ledger)
    let instance = InstanceID(createdAt: WallTime(number * 1_000_000))
    for kind in [EventKind.state(.created), .state(.skipped)] {
      let event = NewEvent(
        at: 0, mono: 0, job: String(repeating: "j", count: 2000), instance: instance, kind: kind,
        data: .object([]))
      _ = try writer.turn(durable: false) { turn throws(LedgerError) in try turn.append(event) }
    }
  }

  @Test func `hist into head ends quietly`() throws {
    for number in 0..<100 { try appendLongRun(number) }
    let process = try taro.start("hist")
    process.closeReader(.stdout)
    try process.finish().expect(code: 141, stderr: "")
  }

  @Test func `no job can steer the terminal of who looks at it, nor break a table`() throws {
    let id = "\u{1b}]0;owned\u{7}\u{9b}31mred\nforged\trow\u{202e}\u{2028}"
    let command = ["exec", "--id", id, "--param", "p=\u{1b}[2J", "--", "printf", "a\\033[2Jb\\n"]
    try taro.start(bytes: command.map { Array($0.utf8) }).finish().expect(code: 0)
    let instance = try taro.instance(id)
    let terminal = try QueryTerminal()
    let commands = [
      ["listen", "--since", "0", "--all"], ["hist", "-P", "--show-params"], ["show", instance],
      ["wait", instance, "--past"], ["wait", instance, "-s", "failed"], ["show", "\u{1b}[2J"],
      ["stop", "\u{1b}[2J"], ["tail", "\u{1b}[2J"], ["wait", "-s", "\u{1b}[2J"],
      ["output", id + "x"], ["disable", "--reason", "\u{1b}[2J", "\u{1b}[2J"], ["list-disabled"],
      ["stats"], ["enable", "\u{1b}[2Jx"], ["history-remove", "--force", "\u{1b}[2J"],
      ["hist", "--state", "\u{1b}[2J"], ["hist", "-S", "\u{1b}[2J"],
      ["ps", "-f", "\u{1b}[2J"], ["listen", "--since", "\u{1b}[2J"], ["\u{1b}[2J"],
    ]
    for command in commands {
      let process = try taro.start(bytes: command.map { Array($0.utf8) }) { setup in
        terminal.attach(&setup)
        setup.environment["NO_COLOR"] = "1"
      }
      if command.first == "listen" {
        try terminal.read(until: "-> COMPLETED")
        process.signal(SIGTERM)
      }
      _ = try process.finish()
      let text = terminal.readAll()
      let wrong = text.unicodeScalars.first {
        ($0.properties.generalCategory == .control && $0 != "\n")
          || $0.properties.generalCategory == .lineSeparator || $0 == "\u{202e}"
      }
      #expect(wrong == nil, "\(command): \(text.debugDescription)")
    }
    try expect(taro.run("hist").lines.count, is: 5)
  }

  @Test func `wide characters take their two columns, and long ids are cut`() throws {
    try taro.exec("夜間バックアップ", "true")
    try taro.exec(String(repeating: "long-", count: 10), "true")
    let lines = try taro.run("hist") { $0.environment["COLUMNS"] = "140" }.lines
    try expect(lines.at(1)) { $0.hasPrefix(String(repeating: "-", count: 30) + " ") }
    try expect(lines.at(2)) { $0.hasPrefix(" long-long-long-long-long-l.. ") }
    // 8 characters, 16 columns.
    try expect(lines.at(3)) { $0.hasPrefix(" 夜間バックアップ" + String(repeating: " ", count: 15)) }
    try expect(lines.at(3).dropFirst(9 + 15).first, is: "0")
  }
}
