import Foundation

/// The figures of the design, each beside its peer.
struct Bench {
  let taro: String
  let worker: String
  let peers: String
  let work: String

  func ledger(_ name: String) -> [String: String] { ["TARO_LEDGER": "\(work)/\(name)"] }

  /// `taro exec true` against `true` and against the same steps in C, in turn.
  func start() {
    var (ours, plain, inC): ([Double], [Double], [Double]) = ([], [], [])
    let environment = ledger("start")
    for round in 0..<520 {
      let a = Programs.run([taro, "exec", "true"], environment: environment).seconds
      let b = Programs.run(["true"]).seconds
      let c = Programs.run(["\(peers)/exec-in-c", "\(work)/start-in-c", "true"]).seconds
      guard round >= 20 else { continue }
      ours.append(a)
      plain.append(b)
      inC.append(c)
    }
    let extra = zip(ours, plain).map { $0 - $1 }
    report(
      "taro exec true minus true",
      "\(milliseconds(extra.median)), p99 \(milliseconds(extra.percentile(99)))",
      "true takes \(milliseconds(plain.median))", goal: "4 ms, p99 10 ms")
    let ratio = String(format: "%.2f times", ours.median / inC.median)
    report(
      "taro exec true", milliseconds(ours.median),
      "\(ratio) the same in C (\(milliseconds(inC.median)))",
      goal: "2.5 times")
  }

  /// `taro exec true` before, beside and after a thousand that wait for a place in a group; then how fast the place is
  /// handed from one to the next.
  func waiting() {
    let environment = ledger("waiting")
    let exec = [taro, "exec", "--ledger", "\(work)/waiting"]
    func rounds() -> [Double] {
      (0..<150).map { _ in Programs.run(exec + ["true"]).seconds }
    }
    _ = rounds()
    var without = rounds()
    let holder = ["--id", "holder", "-g", "queue", "sh", "-c", "echo ready; read x"]
    let (first, input) = Programs.hold(exec + holder)
    // Not all in the same moment: that is another benchmark.
    let some = "for j in $(seq 25); do \"$@\" & done; sleep 0.5"
    let script = "for i in $(seq 40); do \(some); done; wait"
    let queue = Programs.start(
      ["sh", "-c", script, "sh"] + exec + ["--id", "queued", "-s", "-g", "queue", "true"])
    func instances(_ command: String, _ pattern: String) -> [Substring] {
      Programs.output(
        of: Programs.start([taro, command, pattern, "-f", "jsonl"], environment: environment)
      ).split(separator: "\n")
    }
    while instances("ps", "queued").count(where: { $0.contains("\"state\":\"WAITING\"") }) < 1000 {
      Thread.sleep(forTimeInterval: 1)
    }
    let with = rounds()
    try? input.close()
    first.waitUntilExit()
    queue.waitUntilExit()
    without += rounds()
    report(
      "taro exec true beside 1,000 that wait", milliseconds(with.median),
      "without them \(milliseconds(without.median)), "
        + String(format: "%.2f times", with.median / without.median),
      goal: "not slower")
    let times = instances("hist", "queued").map { line in
      (start: Self.time("started_at", in: line), end: Self.time("ended_at", in: line))
    }.sorted { $0.start < $1.start }
    let handovers = zip(times, times.dropFirst()).map { $1.start - $0.end }
    report(
      "end of a holder to the start of the next",
      "p50 \(milliseconds(handovers.median)), p99 \(milliseconds(handovers.percentile(99)))",
      "\(times.count) one after the other")
  }

  /// A time of an instance document, seconds since 1970; 0 when it is not there.
  private static func time(_ field: String, in document: Substring) -> Double {
    guard let range = document.range(of: "\"\(field)\":\""),
      let date = try? Date(
        String(document[range.upperBound...].prefix(27)),
        strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    else { return 0 }
    return date.timeIntervalSince1970
  }

  /// 500 at once.
  func burst() {
    let environment = ledger("burst")
    let begun = now()
    let script = "for i in $(seq 500); do \"$0\" exec --id burst true & done; wait"
    _ = Programs.run(["sh", "-c", script, taro], environment: environment)
    let took = now() - begun
    let history = Programs.output(
      of: Programs.start([taro, "hist", "burst", "-f", "jsonl"], environment: environment))
    let completed = history.split(separator: "\n").filter { $0.contains("\"COMPLETED\"") }.count
    let starts = history.split(separator: "\n").map { Self.time("started_at", in: $0) }
    let spread = (starts.max() ?? 0) - (starts.min() ?? 0)
    report(
      "500 taro exec at once", "\(completed) completed",
      String(format: "last start %.2f s after the first, all in %.2f s", spread, took),
      goal: "500, within 2 s")
  }

  /// A 1 GB log through taro against `| tee FILE`, in turn.
  func capture() {
    let log = "\(work)/big.log"
    writeLog(log, bytes: 1_000_000_000)
    let size = Double((try? FileManager.default.attributesOfItem(atPath: log)[.size] as? Int) ?? 0)
    var (ours, tee, memory): ([Double], [Double], [Int]) = ([], [], [])
    for round in 0..<3 {
      let copy = "\(work)/tee.log"
      tee.append(Programs.run(["sh", "-c", "cat \(log) | tee \(copy)"]).seconds)
      unlink(copy)
      let run = Programs.run([taro, "exec", "cat", log], environment: ledger("capture\(round)"))
      ours.append(run.seconds)
      memory.append(run.maxRSSBytes)
      if round > 0 { try? FileManager.default.removeItem(atPath: "\(work)/capture\(round)") }
    }
    let rate = { (seconds: Double) in String(format: "%.0f MB/s", size / seconds / 1e6) }
    report(
      "capture of a 1 GB log", rate(ours.median),
      "cat | tee FILE: \(rate(tee.median)), ratio \(String(format: "%.2f", tee.median / ours.median))",
      goal: "300 MB/s, half of tee")
    report(
      "memory of the runner", String(format: "%.1f MiB", Double(memory.max() ?? 0) / 1_048_576),
      goal: "48 MiB")
    let stored = "\(work)/capture0/ledger.db"
    let bytes = Double(
      (try? FileManager.default.attributesOfItem(atPath: stored)[.size] as? Int) ?? 1)
    report(
      "log text on disk", String(format: "%.2f times smaller", size / bytes),
      goal: "3 times smaller")
    let tail = Programs.run([taro, "output", "cat \(log)"], environment: ledger("capture0")).seconds
    report("taro output of it", rate(tail), goal: "200 MB/s")
    let verify = Programs.run([taro, "ledger", "verify"], environment: ledger("capture0")).seconds
    let sum = Programs.run(["sha256sum", log]).seconds
    report(
      "taro ledger verify of it", rate(verify),
      "sha256sum of the log: \(rate(sum)), ratio \(String(format: "%.2f", sum / verify))",
      goal: "300 MB/s")
    evidence(of: log, size)
    try? FileManager.default.removeItem(atPath: "\(work)/capture0")
    unlink(log)
  }

  /// The captured log as a bundle, checked, and with a place in it made unreadable.
  private func evidence(of log: String, _ size: Double) {
    let rate = { (seconds: Double) in String(format: "%.0f MB/s", size / seconds / 1e6) }
    let (bundle, job) = ("\(work)/bundle.tar", "cat \(log)")
    func run(_ words: String...) -> Run {
      Programs.run([taro] + words, environment: ledger("capture0"))
    }
    let made = run("bundle", job, "-o", bundle)
    let packed = Programs.run(["sh", "-c", "tar cf \(work)/peer.tar \(log); sync \(work)/peer.tar"])
    report(
      "taro bundle of it", rate(made.seconds),
      "tar cf and sync: \(rate(packed.seconds)); \(made.maxRSSBytes >> 20) MiB", goal: "150 MB/s")
    unlink("\(work)/peer.tar")
    let checked = run("verify-bundle", bundle)
    let sum = Programs.run(["sha256sum", bundle]).seconds
    report(
      "taro verify-bundle of it", rate(checked.seconds),
      "sha256sum of the bundle: \(rate(sum)); \(checked.maxRSSBytes >> 20) MiB", goal: "150 MB/s")
    unlink(bundle)
    let redacted = run("redact", job, "--pattern", "job 4711 |session 47 ", "--force")
    report(
      "taro redact of it", rate(redacted.seconds), "\(redacted.maxRSSBytes >> 20) MiB")
  }

  /// Durable one-event commits for two seconds by 1, 10 and 100 processes.
  func appends() {
    for (processes, goal) in [(1, 4000), (10, 10000), (100, 8000)] {
      // A WAL that has grown once is written over from then on; a growing file takes longer to flush.
      let (filler, input) = Programs.hold([worker, "fill", "\(work)/append\(processes)", "30000"])
      try? input.close()
      filler.waitUntilExit()
      let ours = many(processes) {
        Programs.start([worker, "load", "\(work)/append\(processes)", "2000"])
      }
      let theirs = many(processes) {
        Programs.start(["\(peers)/append-in-c", "\(work)/append\(processes).db", "2000"])
      }
      report(
        "durable appends, \(processes) processes",
        String(format: "%.0f/s, worst wait %.0f ms", ours.rate, ours.worst * 1000),
        String(
          format: "busy handler and FULL: %.0f/s, %.0f ms", theirs.rate, theirs.worst * 1000),
        goal: "\(goal)/s" + (processes == 100 ? ", 500 ms" : ""))
    }
  }

  private func many(_ count: Int, _ start: () -> Process) -> (rate: Double, worst: Double) {
    let processes = (0..<count).map { _ in start() }
    var (total, worst) = (0.0, 0.0)
    for process in processes {
      let numbers = Programs.output(of: process).split(whereSeparator: \.isWhitespace)
        .compactMap { Double($0) }
      guard numbers.count == 2 else { continue }
      total += numbers[0]
      worst = max(worst, numbers[1] / 1e6)
    }
    return (total / 2, worst)
  }

  /// Questions to a ledger of a million instances, 100 of them live by their last event.
  func queries() {
    let environment = ledger("queries")
    let (filler, fillerInput) = Programs.hold([worker, "fill", "\(work)/queries", "1000000"])
    defer {
      try? fillerInput.close()
      filler.waitUntilExit()
    }
    let events = 2_999_900.0
    let fold = Programs.run([taro, "ps"], environment: environment).seconds
    report(
      "catch-up of 3,000,000 events", String(format: "%.0f events/s", events / fold),
      goal: "400,000 events/s")
    for (what, arguments) in [
      ("ps with 100 live of 1,000,000", ["ps"]), ("hist -n 50 of 1,000,000", ["hist", "-n", "50"]),
    ] {
      let times = (0..<40).map { _ in
        Programs.run([taro] + arguments, environment: environment).seconds
      }
      report(
        what, "\(milliseconds(times.median)), p99 \(milliseconds(times.percentile(99)))",
        goal: "20 ms")
    }
    let file = "\(work)/export.jsonl"
    let export = Programs.run(
      ["sh", "-c", "\(taro) export -f jsonl > \(file)"], environment: environment)
    let bytes = Double(
      (try? FileManager.default.attributesOfItem(atPath: file)[.size] as? Int) ?? 0)
    report(
      "export -f jsonl of 3,000,000 events",
      String(format: "%.0f MB/s", bytes / export.seconds / 1e6),
      String(format: "%.0f events/s", events / export.seconds), goal: "300 MB/s")
    unlink(file)
    earlierMoments(environment)
    try? FileManager.default.removeItem(atPath: "\(work)/queries")
  }

  /// The same questions, and others, to the same ledger as it was: what that takes beyond the question itself.
  private func earlierMoments(_ environment: [String: String]) {
    for arguments in [
      ["ps"], ["hist", "-n", "50"], ["hist", "-n", "50", "-s", "finished"], ["hist", "-L"],
      ["list-disabled"], ["stats"],
    ] {
      let count = arguments == ["stats"] ? 3 : 10
      func median(_ more: [String]) -> Double {
        (0..<count).map { _ in
          Programs.run([taro] + arguments + more, environment: environment).seconds
        }.median
      }
      let now = median([])
      let times = ["1", "3000", "1000000", "2000000", "2999000", "now"].map { moment in
        (moment, median(["--as-of", moment]) - now)
      }
      guard let worst = times.max(by: { $0.1 < $1.1 }) else { continue }
      report(
        "\(arguments.joined(separator: " ")) --as-of, beyond the same now",
        "\(milliseconds(worst.1)) at \(worst.0), now takes \(milliseconds(now))",
        goal: "100 ms")
    }
  }

  /// From a line written by the job to the same line printed by a follower.
  func latency() {
    let environment = ledger("latency")
    let script = """
      import subprocess, sys, time
      taro = sys.argv[1]
      job = subprocess.Popen([taro, "exec", "--id", "clock", sys.executable, "-u", "-c",
        "import sys,time\\nfor line in sys.stdin: print(time.clock_gettime_ns(time.CLOCK_MONOTONIC))"],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
      subprocess.run([taro, "wait", "clock", "-s", "running", "--past"], stdout=subprocess.DEVNULL)
      tail = subprocess.Popen([taro, "tail", "-f", "clock"], stdout=subprocess.PIPE)
      waits = []
      for i in range(220):
        time.sleep(0.013)
        job.stdin.write(b"x\\n"); job.stdin.flush()
        line = tail.stdout.readline()
        waits.append(time.clock_gettime_ns(time.CLOCK_MONOTONIC) - int(line))
      job.stdin.close(); job.wait(); tail.wait()
      print(" ".join(str(w) for w in waits[20:]))
      """
    let listen = """
      import json, subprocess, sys, time
      taro = sys.argv[1]
      listen = subprocess.Popen([taro, "listen", "-f", "jsonl"], stdout=subprocess.PIPE)
      subprocess.run([taro, "exec", "true"]); [listen.stdout.readline() for _ in range(3)]
      waits = []
      for i in range(100):
        run = subprocess.Popen([taro, "exec", "sleep", "0.05"])
        for j in range(3):
          event = json.loads(listen.stdout.readline())
          if event["kind"] == "running":
            waits.append(int((time.clock_gettime(time.CLOCK_BOOTTIME) * 1e6 - event["mono"]) * 1000))
        run.wait()
      listen.terminate()
      print(" ".join(str(w) for w in waits))
      """
    for (what, source, goal) in [
      ("written to seen by tail -f", script, "p50 15 ms, p99 40 ms"),
      ("event to a line of listen", listen, "p50 2 ms, p99 10 ms"),
    ] {
      let times = Programs.output(
        of: Programs.start(["python3", "-c", source, taro], environment: environment)
      ).split(separator: " ").compactMap { Double($0.trimmingCharacters(in: .newlines)) }
      guard !times.isEmpty else { continue }
      report(
        what,
        "p50 \(milliseconds(times.median / 1e9)), p99 \(milliseconds(times.percentile(99) / 1e9))",
        goal: goal)
    }
  }

  /// Bytes a short run costs, projections and all.
  func disk() {
    let runs = 2000
    let script = "for i in $(seq \(runs)); do \"$0\" exec --id short echo done; done; \"$0\" ps"
    _ = Programs.run(["sh", "-c", script, taro], environment: ledger("disk"))
    let size = { (name: String) in
      Double(
        (try? FileManager.default.attributesOfItem(atPath: "\(work)/disk/\(name)")[.size] as? Int)
          ?? 0)
    }
    report(
      "disk for a short run",
      String(format: "%.2f KiB", size("ledger.db") / Double(runs) / 1024),
      String(format: "projections %.2f KiB", size("projections.db") / Double(runs) / 1024),
      goal: "1.5 KiB")
  }

  /// Text as services write it: times, levels, names, numbers.
  func writeLog(_ path: String, bytes: Int) {
    var state: UInt64 = 42
    func random(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    let messages = [
      "GET /api/v1/items/%d 200 in %d ms", "session %d opened by user %d", "worker %d took job %d",
      "connection %d to db-%d.internal established", "cache miss for key item:%d (shard %d)",
      "retrying upload of part %d after %d ms", "checkpoint %d written, %d pages",
    ]
    var block = ""
    for index in 0..<50_000 {
      let message = String(format: messages[random(messages.count)], random(100_000), random(500))
      block += String(
        format: "2026-11-22T14:%02d:%02d.%03dZ %@ [service-%d] %@\n", index / 1000 % 60,
        index / 20 % 60,
        random(1000), ["INFO ", "DEBUG", "WARN "][random(3)], random(8), message)
    }
    let data = Data(block.utf8)
    _ = FileManager.default.createFile(atPath: path, contents: nil)
    guard let file = FileHandle(forWritingAtPath: path) else { return }
    for _ in 0..<(bytes / data.count + 1) { file.write(data) }
    try? file.close()
  }
}
