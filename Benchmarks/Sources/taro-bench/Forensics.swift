import Foundation

/// What is asked of a ledger of years: a million runs and 10 GB of output. `TARO_BENCH_RUNS` and `TARO_BENCH_GB` make it
/// smaller.
extension Bench {
  private static func number(_ name: String, _ standard: Int) -> Int {
    ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? standard
  }

  func forensics() {
    let (log, environment) = ("\(work)/forensics.log", ledger("forensics"))
    let runs = Self.number("TARO_BENCH_RUNS", 1_000_000)
    let gigabytes = Self.number("TARO_BENCH_GB", 10)
    let begun = now()
    writeLog(log, bytes: 1_000_000_000)
    let size = Double(
      (try? FileManager.default.attributesOfItem(atPath: log)[.size] as? Int) ?? 0)
    let (filler, input) = Programs.hold([worker, "fill", "\(work)/forensics", "\(runs)"])
    defer {
      try? input.close()
      filler.waitUntilExit()
      try? FileManager.default.removeItem(atPath: "\(work)/forensics")
      unlink(log)
    }
    for _ in 0..<gigabytes {
      _ = Programs.run([taro, "exec", "--id", "service", "cat", log], environment: environment)
    }
    _ = Programs.run([taro, "ps"], environment: environment)
    report(
      "a ledger for forensics", String(format: "made in %.0f s", now() - begun),
      "\(runs) runs, \(gigabytes) GB of output")
    search(log, copies: gigabytes, size: size, environment)
    replay(size: size, environment)
    compare(log)
    timeline()
  }

  private static func rate(_ bytes: Double, _ seconds: Double) -> String {
    String(format: "%.0f MB/s", bytes / seconds / 1e6)
  }

  /// Beside ripgrep on as much text in a file, which is in memory after the first time; the ledger's is compressed.
  private func search(
    _ log: String, copies: Int, size: Double, _ environment: [String: String]
  ) {
    let bytes = size * Double(copies)
    let copy = Array(repeating: log, count: copies)
    let hasPeer = Programs.run(["sh", "-c", "command -v rg"]).status == 0
    _ = Programs.run(["cat", log])
    for (what, options, peer, expression) in [
      ("a text", ["-F"], ["-F"], "checkpoint 77777 written"),
      ("an expression", [], [], "retrying upload of part [0-9]+7 after 49[0-9] ms"),
      ("an expression, -i", ["-i"], ["-i"], #"(ERROR|warn) +\[service-[0-3]\] session 9{4}"#),
      ("what is not there", [], [], "no such .*thing"),
    ] {
      let ours = Programs.run(
        [taro, "grep", "-c"] + options + [expression], environment: environment)
      // -a: text or not is not asked, as taro does not.
      let theirs =
        hasPeer
        ? Programs.run(["rg", "-j1", "-a", "-c"] + peer + [expression] + copy) : nil
      report(
        "grep over \(copies) GB, \(what)",
        "\(Self.rate(bytes, ours.seconds)), \(Self.rate(bytes, ours.cpuSeconds)) of a core",
        theirs.map {
          "rg -j1: \(Self.rate(bytes, $0.seconds)), "
            + String(format: "ratio %.2f", $0.seconds / ours.seconds)
        } ?? "no rg here", goal: "300 MB/s a core, half of rg")
    }
    let all = Programs.run([taro, "grep", "."], environment: environment)
    report(
      "every line of it, as text", Self.rate(bytes, all.seconds),
      String(format: "%.0f MiB of memory", Double(all.maxRSSBytes) / 1_048_576))
  }

  private func replay(size: Double, _ environment: [String: String]) {
    let replay = Programs.run([taro, "replay", "service", "--no-wait"], environment: environment)
    let output = Programs.run([taro, "output", "service"], environment: environment)
    report(
      "replay --no-wait of 1 GB", Self.rate(size, replay.seconds),
      "taro output: \(Self.rate(size, output.seconds))", goal: "300 MB/s")
  }

  /// Two outputs of a million lines, of which one in 5,000 is another, and one in 7,000 is not there.
  private func compare(_ log: String) {
    let environment = ledger("compared")
    defer { try? FileManager.default.removeItem(atPath: "\(work)/compared") }
    let (old, new) = ("\(work)/old.log", "\(work)/new.log")
    // Its lines come again after 50,000: each gets its number.
    let numbered = "head -n 1000000 \(log) | awk '{ print $0, NR }' > \(old)"
    let changed =
      "awk 'NR % 5000 == 0 { print \"changed\", NR; next } NR % 7000 { print }' \(old) > \(new)"
    _ = Programs.run(["sh", "-c", "\(numbered); \(changed)"])
    for (id, file) in [("old", old), ("new", new)] {
      _ = Programs.run([taro, "exec", "--id", id, "cat", file], environment: environment)
    }
    for (what, options) in [("", [String]()), (", --exact", ["--exact"])] {
      let ours = (0..<3).map { _ in
        Programs.run([taro, "diff", "old", "new"] + options, environment: environment).seconds
      }
      let theirs = (0..<3).map { _ in Programs.run(["diff", "-u", old, new]).seconds }
      report(
        "diff of 1,000,000 lines\(what)", milliseconds(ours.median),
        "diff -u: \(milliseconds(theirs.median))", goal: "2 s")
    }
    let other = "\(work)/other.log"
    _ = Programs.run(["sh", "-c", "awk '{ print \"other\", NR }' \(old) > \(other)"])
    _ = Programs.run([taro, "exec", "--id", "other", "cat", other], environment: environment)
    let ours = Programs.run([taro, "diff", "old", "other"], environment: environment)
    let theirs = Programs.run(["diff", "-u", old, other])
    report(
      "the same with nothing in common", milliseconds(ours.seconds),
      "diff -u: \(milliseconds(theirs.seconds))", goal: "2 s")
    for file in [old, new, other] { unlink(file) }
  }

  private func timeline() {
    let environment = ledger("timeline")
    let (filler, input) = Programs.hold([worker, "fill", "\(work)/timeline", "100000"])
    defer {
      try? input.close()
      filler.waitUntilExit()
      try? FileManager.default.removeItem(atPath: "\(work)/timeline")
    }
    _ = Programs.run([taro, "ps"], environment: environment)
    for format in ["text", "svg", "json"] {
      let times = (0..<5).map { _ in
        Programs.run([taro, "timeline", "-f", format], environment: environment).seconds
      }
      report(
        "timeline -f \(format) of 100,000 runs", milliseconds(times.median), goal: "500 ms")
    }
  }
}
