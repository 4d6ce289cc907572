import Events
import TestSupport
import Testing

@Suite("Exit codes that are no failure of some jobs (exec.success_codes)", .temporaryDirectory)
struct ExecSuccessCodesTests {
  private let taro: TaroProgram
  private let path: String

  init() throws {
    taro = try TaroProgram()
    path = "\(taro.root)/codes.yaml"
    try write(
      """
      exec:
        success_codes:
          - {jobs: [rsync-strict], codes: 0}
          - jobs: ['rsync-*', borg]
            codes: [24, 23]
          - codes: 3
      """)
  }

  private func write(_ text: String) throws { try Files.write(Array(text.utf8), to: path) }

  private func end(_ job: String) throws -> InstanceState? {
    try taro.events(ofJob: job).last?.kind.state
  }

  private func recorded(_ job: String) throws -> [Int64] {
    try Created(#require(taro.events(ofJob: job).last { $0.kind == .state(.created) }).json).options
      .successCodes
  }

  @Test(
    arguments: [
      ("rsync-home", 24, true, [23, 24]), ("borg", 23, true, [23, 24]),
      ("borg", 3, false, [23, 24]),
      ("rsync-strict", 24, false, [0]), ("other", 3, true, [3]), ("other", 24, false, [3]),
    ] as [(String, Int32, Bool, [Int64])])
  func `are those of the first entry that is about the job, and are recorded`(
    job: String, code: Int32, isGood: Bool, codes: [Int64]
  ) throws {
    try taro.run("exec", "-C", path, "--id", job, "sh", "-c", "exit \(code)").expect(code: code)
    try expect(end(job), is: isGood ? .completed : .failed)
    try expect(recorded(job), is: codes)
  }

  @Test func `are those of the command line where it has some`() throws {
    let words = ["sh", "-c", "exit 24"]
    try taro.runAll(["exec", "-C", path, "--id", "borg", "--success-codes", "5"] + words)
      .expect(code: 24)
    try expect(end("borg"), is: .failed)
    try expect(recorded("borg"), is: [5])
  }

  @Test func `are judged by again when a run is repeated`() throws {
    try taro.run("exec", "-C", path, "--id", "borg", "sh", "-c", "exit 24").expect(code: 24)
    // As it was recorded, whatever is configured now.
    try taro.run("rerun", "borg").expect(code: 24)
    try expect(end("borg"), is: .completed)
    try expect(recorded("borg"), is: [23, 24])
    // Where nothing was said of it, what is configured now counts.
    try taro.run("exec", "--id", "rsync-a", "sh", "-c", "exit 24").expect(code: 24)
    try expect(end("rsync-a"), is: .failed)
    try taro.run("rerun", "-C", path, "rsync-a").expect(code: 24)
    try expect(end("rsync-a"), is: .completed)
  }

  @Test(
    arguments: [
      ("[24]", "it has a single value in it"), ("[{jobs: a}]", "an entry has no codes"),
      ("[{codes: [256]}]", "\"256\" is no exit code"),
      ("[{codes: 1, job: a}]", "it knows no \"job\""),
      ("[{codes: [[1]]}]", "it has a list in it"),
    ])
  func `that are wrong are found by config check`(value: String, reason: String) throws {
    try write("exec:\n  success_codes: \(value)\n")
    let check = try taro.run("config", "check", "-C", path).expect(code: 78)
    #expect(check.text.contains(":2: exec.success_codes"), "\(check)")
    #expect(check.text.contains(reason), "\(check)")
  }

  @Test func `are shown as --set takes them`() throws {
    let shown = try taro.run("config", "show", "--effective", "-C", path).expect(code: 0)
    let line = try #require(
      shown.text.split(separator: "\n").first { $0.hasPrefix("exec.success_codes=") })
    let again = try taro.run("config", "show", "--effective", "--set", String(line)).expect(code: 0)
    #expect(again.text.contains(line))
    try taro.run("exec", "--set", String(line), "--id", "borg", "sh", "-c", "exit 23")
      .expect(code: 23)
    try expect(end("borg"), is: .completed)
  }
}
