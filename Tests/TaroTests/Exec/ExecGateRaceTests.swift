internal import Events
import Glibc
import Ledger
import Linux
import TestSupport
import Testing

/// Runners that race for a few places while a third of them are killed at random moments: what then stands in the
/// ledger, and what the jobs themselves have seen, says whether a place was ever lost or taken twice.
@Suite(.temporaryDirectory, .serialized) struct ExecGateRaceTests {
  /// Takes one of the locks 1 to $1 for as long as it runs, and complains when none is free. Some of the jobs print
  /// something: those do not outlive their runner (SIGPIPE).
  private static let script = """
    i=1; held=
    while test $i -le $1; do
      exec 9>>lock$i; if flock -n 9; then held=$i; break; fi; i=$((i + 1))
    done
    test -n "$held" || echo "$TARO_INSTANCE" >>overlaps
    sleep 0.01 9>&-
    case $2 in *[02468]) echo printed; esac
    sleep 0.01 9>&-
    case $2 in *[02468]) echo printed; esac
    exit 0
    """

  private struct Race {
    let taro: TaroProgram
    let places: Int
    var random: SeededGenerator
    var processes: [TaroProcess] = []
    var killed: Set<Int64> = []

    mutating func start() throws {
      let words = [
        "exec", "--id", "job\(processes.count)", "-m", "\(places)", "-g", "slot", "sh", "-c",
        script, "sh", "\(places)", "\(processes.count)",
      ]
      processes.append(
        try taro.start(bytes: words.map { Array($0.utf8) }) { $0.deadline = 120 })
    }

    mutating func kill(_ pid: Int64) {
      guard killed.insert(pid).inserted else { return }
      // Not reaped yet, so the number is still its own.
      processes.first { Int64($0.pid) == pid }?.signal(SIGKILL)
    }

    /// Lets chance choose the moment.
    mutating func hesitate() {
      _ = Poll.wait(-1, for: .readable, milliseconds: Int32(random.below(12)))
    }
  }

  @Test(arguments: [(100, 1), (60, 3)])
  func `no place is lost or taken twice, whoever is killed`(count: Int, places: Int) throws {
    let taro = try TaroProgram()
    try taro.exec("first", "true")
    var race = Race(
      taro: taro, places: places,
      random: SeededGenerator(for: "\(count) runners race for \(places) places"))
    // While they come, those who wait are killed, most of them.
    for _ in 0..<count {
      try race.start()
      if race.random.chance(17) {
        race.kill(Int64(race.processes[race.random.below(race.processes.count)].pid))
      }
    }
    try killHolders(&race, count / 6)

    for process in race.processes {
      let result = try process.finish()
      guard !race.killed.contains(Int64(process.pid)) else { continue }
      result.expect(code: 0, stderr: "")
    }
    // Closes what was killed last, which nobody has waited for.
    try taro.run("ps").expect(code: 0, stderr: "")
    try check(race, count)
  }

  /// Kills those who have just begun to run, at one moment or another of their run.
  private func killHolders(_ race: inout Race, _ count: Int) throws {
    var pids: [InstanceID: Int64] = [:]
    var tail = LiveTail(try LedgerReader(race.taro.ledger), after: 0)
    var left = count
    var survivors = Set(race.processes.map { Int64($0.pid) }).subtracting(race.killed)
    while left > 0, !survivors.isEmpty {
      for event in try tail.next() where event.job != "first" {
        guard let instance = event.instance else { continue }
        if event.kind == .state(.created) { pids[instance] = Created(event.json).runnerPID }
        guard let pid = pids[instance] else { continue }
        if event.kind.isTerminal { survivors.remove(pid) }
        guard event.kind == .state(.running), race.random.chance(60), left > 0 else { continue }
        race.hesitate()
        race.kill(pid)
        survivors.remove(pid)
        left -= 1
      }
      tail.wait()
    }
  }

  // MARK: What has to be true

  private struct Run {
    let instance: InstanceID
    let runner: Int64
    var running: (seq: Seq, mono: BootTime)?
    var end: (state: InstanceState, mono: BootTime)?
  }

  private func runs(_ taro: TaroProgram) throws -> [Run] {
    var runs: [Run] = []
    var places: [InstanceID: Int] = [:]
    for event in try taro.events() where event.job != "first" {
      guard let instance = event.instance, let state = event.kind.state else { continue }
      if state == .created {
        places[instance] = runs.count
        runs.append(Run(instance: instance, runner: Created(event.json).runnerPID))
      }
      guard let place = places[instance] else { continue }
      if state == .running { runs[place].running = (event.seq, event.mono) }
      if state.isTerminal { runs[place].end = (state, event.mono) }
    }
    return runs
  }

  private func check(_ race: Race, _ count: Int) throws {
    let runs = try runs(race.taro)
    #expect(!Files.exists("\(race.taro.work)/overlaps"), "jobs have met each other")
    try expect(race.taro.firstBrokenLink()) { $0 == nil }
    // Who was killed before it was created is in no ledger.
    #expect(runs.count <= count)
    #expect(runs.count >= count - race.killed.count)
    for run in runs {
      let end = try #require(run.end, "\(run.instance) has not ended")
      if race.killed.contains(run.runner) {
        #expect(end.state == .lost || end.state == .completed, "\(run.instance)")
      } else {
        #expect(end.state == .completed, "\(run.instance) was not killed")
      }
    }
    try checkPlaces(runs, race.places)
    if race.places == 1 {
      let starts = runs.compactMap(\.running?.seq)
      #expect(starts == starts.sorted(), "first created, first served")
    }
  }

  /// Nobody starts while as many of those created before it are still there as there are places; so no more than that
  /// ever run at once, and nobody overtakes.
  private func checkPlaces(_ runs: [Run], _ places: Int) throws {
    for (index, run) in runs.enumerated() {
      guard let start = run.running?.mono else { continue }
      let ahead = runs[..<index].filter { $0.end.map { $0.mono > start } ?? true }
      #expect(ahead.count < places, "\(run.instance) started beside \(ahead.map(\.instance))")
    }
  }
}
