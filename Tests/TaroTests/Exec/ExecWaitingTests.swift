internal import Events
import Glibc
internal import Ledger
import Linux
import TestSupport
import Testing

/// What can happen to a run that waits.
@Suite(.temporaryDirectory) struct ExecWaitingTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  private func end(_ job: TaroProcess) throws {
    job.closeInput()
    try job.finish().expect(code: 0, stderr: "")
  }

  // MARK: Ended before it started

  @Test(arguments: [["stop"], ["stop", "--interrupt"], ["stop", "--kill"]])
  func `a run that waits can be stopped`(words: [String]) throws {
    for (state, options) in [
      (InstanceState.waiting, ["--delay", "1h"]), (.pending, ["--pending", "l"]),
    ] {
      let waiting = try taro.startWaiting("w", options.at(0), options.at(1), until: state)
      try taro.runAll(words + ["--force", "--wait", "30s", "w"]).expect(code: 0, stderr: "")
      try waiting.process.finish().expect(code: 1, stdout: "", stderr: "")
      try expect(taro.states(of: waiting.instance), is: [.created, state, .cancelled])
      let reason = try taro.ending(of: waiting.instance).reason
      #expect(reason == "stopped by \(Users.name(of: getuid())) before it was started")
    }
  }

  @Test func `however many ask for it at once`() throws {
    let waiting = try taro.startWaiting("w", "--delay", "1h")
    let stops = try (0..<10).map { _ in try taro.start("stop", "--force", "w") }
    for stop in stops { _ = try stop.finish() }
    try waiting.process.finish().expect(code: 1, stdout: "", stderr: "")
    try expect(taro.ending(of: waiting.instance).state, is: .cancelled)
    #expect(Files.names(in: taro.ledger.runDirectory).isEmpty)
  }

  @Test(arguments: [SIGTERM, SIGINT, SIGHUP, SIGQUIT])
  func `a signal ends the waiting`(signal: Int32) throws {
    let waiting = try taro.startWaiting("w", "--delay", "1h")
    waiting.process.signal(signal)
    try waiting.process.finish().expect(code: 128 + signal, stdout: "", stderr: "")
    let (state, reason) = try taro.ending(of: waiting.instance)
    #expect(state == .cancelled)
    #expect(reason == "signal \(Signals.name(signal))")
  }

  /// What is passed on is kept for the job, which these do not end.
  @Test(arguments: [SIGURG, SIGWINCH, SIGCONT])
  func `other signals do not`(signal: Int32) throws {
    let job = try taro.startJob("a")
    let waiting = try taro.startWaiting("w", "-s", "-g", "a")
    waiting.process.signal(signal)
    try end(job)
    try waiting.process.finish().expect(code: 0, stdout: "ran\n", stderr: "")
  }

  @Test func `one that is stopped by a key goes on waiting`() throws {
    let job = try taro.startJob("a")
    let waiting = try taro.startWaiting("w", "-s", "-g", "a")
    waiting.process.signal(SIGTSTP)
    try waiting.process.waitUntilStopped()
    waiting.process.signal(SIGCONT)
    try end(job)
    try waiting.process.finish().expect(code: 0, stdout: "ran\n", stderr: "")
  }

  @Test func `Ctrl-Z stops a run that waits, and fg lets it wait on`() throws {
    let job = try taro.startJob("a")
    let session = try TerminalSession(taro, ["sh", "-i"])
    try session.type("\"$TARO\" exec --id w -s -g a sh -c 'echo r''an; exit 3'\n")
    _ = try taro.waitForEvent("it waits") { $0.job == "w" && $0.kind == .state(.waiting) }
    let runner = Int32(try #require(try taro.created(ofJob: "w")).runnerPID)
    try session.type("\u{1a}")
    try session.expect("Stopped")
    #expect(ProcessState.isStopped(runner))
    job.closeInput()
    try job.finish().expect(code: 0)
    try expect(taro.ending(ofJob: "w")) { $0 == nil }
    try session.type("fg\n")
    try session.expect("ran")
    try session.type("echo code $?; exit\n")
    try session.expect("code 3")
    try session.finish()
  }

  @Test func `Ctrl-C ends a run that waits`() throws {
    try taro.exec("first", "true")
    let script = "trap : INT; \"$TARO\" exec --id w --delay 1h true; echo \"code $?\"; read x"
    let session = try TerminalSession(taro, ["sh", "-c", script])
    _ = try taro.waitForEvent("it waits") { $0.job == "w" && $0.kind == .state(.waiting) }
    try session.type("\u{3}")
    try session.expect("code 130")
    try session.type("\n")
    try session.finish()
    try expect(taro.ending(ofJob: "w")?.state, is: .cancelled)
  }

  // MARK: Runners that are killed

  @Test func `when a holder is killed and its job with it, the next runs at once`() throws {
    let job = try taro.startJob("a")
    let waiting = try taro.startWaiting("w", "-s", "-g", "a")
    let next = try taro.startWaiting("v", "-s", "-g", "a")
    let killedAt = BootTime.now
    job.signal(SIGKILL)
    job.closeInput()
    for run in [waiting, next] {
      try run.process.finish().expect(code: 0, stdout: "ran\n", stderr: "")
    }
    try expect(taro.ending(ofJob: "a")?.state, is: .lost)
    // Sooner than somebody who only looks now and then.
    #expect(BootTime.now - killedAt < 25_000_000)
  }

  @Test func `while the job of a killed holder lives its place is taken`() throws {
    let job = try taro.startJob("a")
    let child = try #require(job.children.first)
    let waiting = try taro.startWaiting("w", "-s", "-g", "a")
    job.signal(SIGKILL)
    _ = try taro.waitForEvent("lost") { $0.job == "a" && $0.kind == .state(.lost) }
    #expect(Host.startTime(of: child) != nil)
    // Who comes now waits as well, or is skipped.
    let second = try taro.startWaiting("v", "-s", "-g", "a")
    #expect(second.cause.aheadCount == 2)
    try taro.run("exec", "-o", "--id", "a", "echo", "ran").expect(code: 0, stdout: "")
    try expect(
      taro.ending(ofJob: "a")?.ending.reason?.hasSuffix("is lost, and its command still runs"),
      is: true)
    let ended = WallTime.now
    job.closeInput()
    for run in [waiting, second] {
      try run.process.finish().expect(code: 0, stdout: "ran\n", stderr: "")
    }
    let running = try #require(
      try taro.events().first { $0.instance == waiting.instance && $0.kind == .state(.running) })
    #expect(running.at >= ended)
    try taro.run("exec", "-o", "--id", "a", "echo", "ran").expect(code: 0, stdout: "ran\n")
  }

  @Test func `a waiter that is killed in the middle costs nobody the place`() throws {
    let job = try taro.startJob("a")
    let waiting = try (0..<4).map { try taro.startWaiting("w\($0)", "-s", "-g", "a") }
    for index in [1, 2] { waiting[index].process.signal(SIGKILL) }
    for index in [1, 2] {
      _ = try taro.waitForEvent("lost") {
        $0.instance == waiting[index].instance && $0.kind == .state(.lost)
      }
    }
    try expect(taro.states(of: waiting.at(3).instance), is: [.created, .waiting])
    try end(job)
    for index in [0, 3] {
      try waiting[index].process.finish().expect(code: 0, stdout: "ran\n", stderr: "")
    }
  }

  @Test func `a holder that was killed before anybody waited is found`() throws {
    let job = try taro.startJob("a")
    job.signal(SIGKILL)
    _ = try job.finish()
    job.closeInput()
    try taro.run("exec", "-s", "--id", "a", "echo", "ran").expect(code: 0, stdout: "ran\n")
  }

  /// The output of a job may be read long after its end; its place is free by then.
  @Test func `who reads the output slowly keeps no place`() throws {
    try taro.exec("first", "true")
    let holder = try taro.startShell(
      "\"$TARO\" exec --id a -s sh -c 'head -c 100000 /dev/zero' | (read x <go; cat >/dev/null)"
    ) { $0.preparation = "mkfifo go" }
    _ = try taro.waitForEvent("the job has ended") {
      $0.job == "a" && $0.kind == .state(.completed)
    }
    try taro.run("exec", "-s", "--id", "a", "echo", "ran").expect(code: 0, stdout: "ran\n")
    try Files.write(Array("\n".utf8), to: "\(taro.work)/go")
    try holder.finish().expect(code: 0)
  }

  // MARK: What is told of it

  @Test func `ps and why tell what is waited for`() throws {
    let job = try taro.startJob("a")
    let slot = try taro.startWaiting("slot", "-m", "1", "-g", "a")
    let second = try taro.startWaiting("second", "-s", "-g", "a")
    let after = try taro.startWaiting("after", "--after", "a", "--after", "slot")
    let latch = try taro.startWaiting("latch", "-p", "l", until: .pending)
    let late = try taro.startWaiting("late", "--delay", "1h")
    let table = try taro.run("ps").expect(code: 0, stderr: "").lines
    func status(_ id: String) -> String {
      table.first { $0.hasPrefix(" \(id) ") }?.components(after: "N/A") ?? ""
    }
    #expect(status("slot") == "WAITING behind 1 in a, limit 1")
    #expect(status("second") == "WAITING behind 2 in a, limit 1")
    #expect(status("after").hasPrefix("WAITING after a@"))
    #expect(status("after").hasSuffix(" and 1 more"))
    #expect(status("latch") == "PENDING latch l")
    #expect(status("late").hasPrefix("WAITING until 2"))

    func why(_ id: String) throws -> String {
      try taro.run("why", id).expect(code: 0, stderr: "").text.normalized
        .replacing(/\ for [0-9][^)]*\)/, with: " for T)")
    }
    var text = try why("slot")
    #expect(
      text == """
        slot@IIIIIIIIIIIIIIII is WAITING: it waits for a place in group a, of which 1 may run at \
        once; it is next, behind a@IIIIIIIIIIIIIIII (RUNNING for T).

        """)
    text = try why("second")
    #expect(
      text == """
        second@IIIIIIIIIIIIIIII is WAITING: it waits for a place in group a, of which 1 may run at \
        once; it is number 2 in the queue, behind a@IIIIIIIIIIIIIIII (RUNNING for T) and \
        slot@IIIIIIIIIIIIIIII (WAITING).

        """)
    text = try why("after")
    #expect(
      text == """
        after@IIIIIIIIIIIIIIII is WAITING: it waits until a@IIIIIIIIIIIIIIII and \
        slot@IIIIIIIIIIIIIIII have ended.

        """)
    text = try why("latch")
    #expect(
      text == """
        latch@IIIIIIIIIIIIIIII is PENDING: it waits until latch l is released: taro release l.

        """)
    try expect(
      why("late"), is: "late@IIIIIIIIIIIIIIII is WAITING: it waits until DDDD-DD-DD TT:TT:TT.TTT.\n"
    )
    try expect(why("a")) { $0.hasPrefix("a@IIIIIIIIIIIIIIII has been RUNNING for ") }

    try taro.run("stop", "--force", "--wait", "30s", "late", "latch", "second", "after", "slot")
      .expect(code: 0)
    for run in [slot, second, after, latch, late] { try run.process.finish().expect(code: 1) }
    try expect(why("late")) {
      $0.contains(" CANCELLED at DDDD-DD-DD TT:TT:TT.TTT: stopped by ")
    }
    try end(job)
    try expect(why("a"), is: "a@IIIIIIIIIIIIIIII COMPLETED at DDDD-DD-DD TT:TT:TT.TTT.\n")
    try taro.run("why", "nobody").expect(code: 1, stdout: "").expectOneLine(about: "nobody")
  }

  @Test func `why tells of a command that was left behind`() throws {
    let job = try taro.startJob("a")
    let waiting = try taro.startWaiting("w", "-s", "-g", "a")
    job.signal(SIGKILL)
    _ = try taro.waitForEvent("lost") { $0.job == "a" && $0.kind == .state(.lost) }
    let text = try taro.run("why", "w").expect(code: 0).text
    #expect(text.contains("(lost, but its command still runs)"))
    job.closeInput()
    try waiting.process.finish().expect(code: 0, stdout: "ran\n")
  }
}

extension String {
  /// What follows the last such word, with single blanks.
  fileprivate func components(after word: String) -> String {
    let words = split(separator: " ").map(String.init)
    guard let index = words.lastIndex(of: word) else { return "" }
    return words[(index + 1)...].joined(separator: " ")
  }
}
