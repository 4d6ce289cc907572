internal import Events
import Glibc
internal import Ledger
import Linux
import TestSupport
import Testing

@Suite(.temporaryDirectory, .serialized) struct ExecCrowdTests {
  @Test func `two hundred at once, from no ledger at all, are all recorded`() throws {
    let taro = try TaroProgram()
    let processes = try (0..<200).map { number in
      try taro.start("exec", "--id", "job\(number)", "sh", "-c", "echo \(number); exit \(number)") {
        $0.deadline = 120
      }
    }
    for (number, process) in processes.enumerated() {
      try process.finish().expect(code: Int32(number), stdout: "\(number)\n", stderr: "")
    }
    let events = try taro.events()
    #expect(events.map(\.seq) == (1...events.count).map { Seq($0) })
    try expect(taro.firstBrokenLink()) { $0 == nil }
    for number in 0..<200 {
      let kinds = events.filter { $0.job == "job\(number)" && $0.kind != .status }.map(\.kind)
      let ended = InstanceState.failed
      #expect(
        kinds == [
          .state(.created), .state(.running), .output, .state(number == 0 ? .completed : ended),
        ])
    }
    #expect(Files.names(in: taro.ledger.runDirectory).isEmpty)
  }

  /// Whoever looks on and does not go on must not keep the job waiting, nor make its runner larger. A debug build's
  /// stack and unshared pages are more than a release build's, whose goal is 48 MiB.
  @Test func `who looks on and is stopped delays no job, and its runner stays small`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "true").expect(code: 0, stderr: "")
    let script = """
      echo ready; read x
      yes 'a line of text that is neither long nor short' | head -c 200000000
      echo done >&2; read x
      """
    let listener = try taro.start("listen", "--since", "0")
    let process = try taro.start("exec", "--id", "a", "sh", "-c", script) {
      $0.stdin = .pipe
      $0.stdout = .file("/dev/null")
    }
    _ = try taro.waitForEvent("running") { $0.job == "a" && $0.kind == .state(.running) }
    let tails = try (0..<10).map { _ in try taro.start("tail", "-f", "a") }
    for tail in tails { expect(try tail.readLine(), is: "ready") }
    try expect(listener.readLine()) { $0.contains("CREATED") }
    let onlookers = tails + [listener]
    for onlooker in onlookers {
      onlooker.signal(SIGSTOP)
      try onlooker.waitUntilStopped()
    }
    try process.write("\n")
    try expect(process.readLine(.stderr), is: "done")
    let peak = try #require(Self.peakBytes(of: process.pid))
    #expect(peak < 64 << 20)
    try process.write("\n")
    try process.finish().expect(code: 0, stderr: "")
    let (state, ending) = try #require(try taro.ending(ofJob: "a"))
    #expect(state == .completed)
    #expect(ending.output?.bytes == 200_000_011)
    #expect(ending.output?.droppedBytes == 0)
  }

  /// The largest resident set a process ever had.
  private static func peakBytes(of pid: Int32) -> Int? {
    let status = RawIO.contents(of: "/proc/\(pid)/status") ?? []
    let line = String(decoding: status, as: UTF8.self).split(separator: "\n")
      .first { $0.hasPrefix("VmHWM:") }
    return line?.split(separator: " ").dropLast().last.flatMap { Int($0) }.map { $0 << 10 }
  }
}
