internal import Events
import TestSupport
import Testing

/// The typed data of events, to JSON and back.
@Suite struct FactsTests {
  @Test func `created keeps everything`() throws {
    var created = Created()
    try expect(Created(JSON(parsing: created.json.text)), is: created)
    created.command = ["./backup.sh", "", "a b", "\u{fffd}"]
    created.commandBase64 = ["Li9iYWNrdXAuc2g=", "", "YSBi", "/w=="]
    created.cwd = "/srv"
    created.umask = "0022"
    created.nice = -20
    created.user = "root"
    created.uid = 4_294_967_294
    created.host = "host"
    created.bootID = "3f0c"
    created.runnerPID = 4711
    created.runnerStarted = .max
    created.parent = "cron -f"
    created.params = [.init("z", "1"), .init("a", .object([.init("deep", true)]))]
    created.env = [.init("LANG", "C"), .init("EMPTY", "")]
    created.envBase64 = [.init("TITLE", "/w==")]
    created.envSet = ["LANG"]
    created.hasOwnTerminal = true
    created.isDryRun = true
    created.bypassesOutput = true
    created.hasOneStream = true
    created.split = "never"
    created.uncaptured = ["stdout"]
    created.version = "0.1.0"
    try expect(Created(JSON(parsing: created.json.text)), is: created)
  }

  @Test func `running keeps everything`() throws {
    let running = Running(pid: 12, started: 345, pgid: 12)
    try expect(Running(JSON(parsing: running.json.text)), is: running)
  }

  @Test func `an ending keeps everything, and only what there is`() throws {
    var ending = Ending()
    #expect(ending.json.text == "{}")
    #expect(Ending(ending.json) == ending)
    ending.exitCode = 0
    ending.signal = "SEGV"
    ending.coreDumped = true
    ending.reason = "timeout"
    ending.usage = Ending.Usage(
      userMicroseconds: 0, systemMicroseconds: 2, maxRSSBytes: 3, maxRSSBelowBytes: 6, blocksIn: 4,
      blocksOut: 5)
    ending.output = OutputTotals()
    ending.output?.stdoutBytes = 7
    ending.output?.stderrBytes = 8
    ending.output?.lines = 9
    ending.output?.droppedBytes = 10
    ending.status = "100 of 100"
    ending.outputLeftOpen = true
    for rebooted in [false, true] {
      ending.evidence = Ending.Evidence(
        lastSignOfLife: 1_700_000_000_000_000, childRunning: !rebooted, rebooted: rebooted)
      try expect(Ending(JSON(parsing: ending.json.text)), is: ending)
    }
    #expect(ending.output?.bytes == 15)
  }

  @Test func `totals and gaps of output keep everything`() throws {
    var totals = OutputTotals()
    #expect(totals.json.text == #"{"stdout":0,"stderr":0,"lines":0}"#)
    #expect(OutputTotals(totals.json) == totals)
    totals.droppedBytes = .max
    try expect(OutputTotals(JSON(parsing: totals.json.text)), is: totals)
    let gap = OutputGap(bytes: 1 << 40, reason: "overflow")
    try expect(OutputGap(JSON(parsing: gap.json.text)), is: gap)
  }

  @Test(arguments: Requester.Way.allCases)
  func `a request keeps everything`(way: Requester.Way) throws {
    var request = ControlRequest()
    #expect(ControlRequest(request.json) == request)
    request.by.user = "alice"
    request.by.uid = 1000
    request.by.pid = 99
    request.by.host = "host"
    request.by.via = way
    request.by.reason = "because"
    request.signal = "KILL"
    try expect(ControlRequest(JSON(parsing: request.json.text)), is: request)
  }

  @Test(arguments: Warning.Kind.allCases)
  func `a warning keeps everything`(kind: Warning.Kind) throws {
    for last in [nil, "ERROR: no"] {
      let warning = Warning(kind: kind, text: "ERROR", count: 3, last: last)
      try expect(Warning(JSON(parsing: warning.json.text)), is: warning)
    }
  }

  @Test func `gates keep everything, and only what there is`() throws {
    var gates = Gates()
    #expect(gates.json.text == "{}")
    #expect(Gates(gates.json) == gates)
    #expect(gates.isEmpty)
    gates.delay = 1
    gates.notBefore = WallTime(microseconds: .max)
    #expect(!gates.isEmpty)
    #expect(!gates.needLedger)
    for change in Self.gateChanges {
      var gates = Gates()
      change(&gates)
      #expect(!gates.isEmpty)
      #expect(gates.needLedger)
      try expect(Gates(JSON(parsing: gates.json.text)), is: gates)
    }
    for change in Self.gateChanges { change(&gates) }
    try expect(Gates(JSON(parsing: gates.json.text)), is: gates)
  }

  private static let gateChanges: [@Sendable (inout Gates) -> Void] = [
    { $0.latch = "a b" }, { $0.after = ["x*", ""] }, { $0.afterSuccess = ["y"] },
    { $0.dependsOn = ["z", "z"] }, { $0.noOverlap = true }, { $0.limit = 3 },
  ]

  @Test func `what an instance waits for is kept`() throws {
    var cause = WaitCause()
    #expect(cause.json.text == "{}")
    #expect(WaitCause(cause.json) == cause)
    cause.latch = "l"
    cause.until = 1_700_000_000_000_000
    cause.after = ["a@1", "b@2"]
    cause.executionGroup = "g"
    cause.limit = 4
    cause.ahead = ["c@3"]
    cause.aheadCount = 1000
    try expect(WaitCause(JSON(parsing: cause.json.text)), is: cause)
  }

  @Test func `whoever is ahead, one waits for the same thing`() {
    var (cause, other) = (WaitCause(), WaitCause())
    cause.executionGroup = "g"
    cause.ahead = ["a@1"]
    other.executionGroup = "g"
    other.aheadCount = 7
    #expect(cause.isSameKind(as: other))
    let changes: [(inout WaitCause) -> Void] = [
      { $0.executionGroup = "h" }, { $0.executionGroup = nil }, { $0.until = 1 },
      { $0.after = ["b"] },
      { $0.latch = "l" },
    ]
    for change in changes {
      var third = other
      change(&third)
      #expect(!cause.isSameKind(as: third))
    }
  }

  @Test func `what is said to a host is kept`() throws {
    var requester = Requester()
    requester.user = "alice"
    requester.reason = "because"
    for holdsOpen in [false, true] {
      let released = Released(latch: "l", holdsOpen: holdsOpen, by: requester)
      try expect(Released(JSON(parsing: released.json.text)), is: released)
    }
    for until in [nil, WallTime(microseconds: .max)] {
      let wish = JobSwitch(pattern: "x*", until: until, by: requester)
      try expect(JobSwitch(JSON(parsing: wish.json.text)), is: wish)
    }
    let removed = HistoryRemoved(patterns: ["a", "b*"], upTo: 9, by: requester)
    try expect(HistoryRemoved(JSON(parsing: removed.json.text)), is: removed)
  }

  @Test func `data of another shape reads as nothing known and does not crash`() {
    for json in [JSON.null, 1, .array([]), .object([.init("command", 1), .init("pid", "x")])] {
      #expect(Created(json) == Created())
      #expect(Running(json) == Running(pid: 0, started: 0, pgid: 0))
      #expect(Ending(json) == Ending())
      #expect(OutputTotals(json) == OutputTotals())
      #expect(OutputGap(json) == OutputGap(bytes: 0, reason: ""))
      #expect(Gates(json) == Gates())
      #expect(WaitCause(json) == WaitCause())
      #expect(Released(json) == Released(latch: ""))
    }
  }

  @Test func `every kind is found by its name and an unknown one is kept`() {
    let kinds = InstanceState.allCases.map(EventKind.state) + EventKind.others
    #expect(Set(kinds.map(\.name)).count == kinds.count)
    for kind in kinds { #expect(EventKind(name: kind.name) == kind) }
    #expect(EventKind(name: "from_the_future") == .unknown("from_the_future"))
    #expect(EventKind.unknown("from_the_future").name == "from_the_future")
    #expect(!EventKind.unknown("from_the_future").isTerminal)
  }
}
