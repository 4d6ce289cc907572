import Events
import TestSupport
import Testing

@Suite("A limit on what is kept of a run's output (--keep-output)", .temporaryDirectory)
struct ExecKeepOutputTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  private static let numbers = (1...100_000).map { "\($0)\n" }.joined()

  private func expectEnds(_ text: String, sizes: ClosedRange<Int>) {
    #expect(sizes.contains(text.utf8.count), "\(text.utf8.count)")
    let lines = text.split(separator: "\n").compactMap { Int($0) }
    let jumps = zip(lines, lines.dropFirst()).filter { $0 + 1 != $1 }
    #expect(lines.first == 1 && lines.last == 100_000 && jumps.count == 1, "\(jumps)")
  }

  @Test func `keeps the beginning and the end, names the cut, and passes everything on`() throws {
    try taro.run("exec", "--id", "a", "--keep-output", "64K", "seq", "100000")
      .expect(code: 0, stdout: Self.numbers, stderr: "")
    let output = try taro.run("output", "a").expect(code: 0)
    expectEnds(output.text, sizes: 65_000...65_536)
    let said = "a@\(try taro.instance("a").suffix(16)): "
    #expect(output.stderr.hasPrefix("taro: \(said)"), "\(output.stderr)")
    #expect(output.stderr.hasSuffix("--keep-output 64K keeps its beginning and its end\n"))
    let missing = Self.numbers.utf8.count - output.text.utf8.count
    // Where they stand in each answer.
    try taro.run("tail", "-n", "2", "a").expect(code: 0, stdout: "99999\n100000\n", stderr: "")
    let marked = try taro.run("output", "-t", "a").expect(code: 0)
    #expect(marked.stderr.contains("--keep-output 64K"), "\(marked.stderr)")
    let shown = try taro.run("show", "a", "-n", "100000").expect(code: 0).text
    #expect(shown.contains("\n  (") && shown.contains("keeps its beginning and its end)\n"))
    let json = try JSON(parsing: taro.run("show", "a", "-f", "json").expect(code: 0).text)
    #expect(json["output"]?["dropped_bytes"]?.integer == Int64(missing))
    #expect(json["output"]?["stdout_bytes"]?.integer == Int64(Self.numbers.utf8.count))
    let gap = try #require(taro.events(ofJob: "a").first { $0.kind == .outputGap })
    #expect(OutputGap(gap.json).bytes == Int64(missing))
    let replayed = try taro.run("replay", "a", "--speed", "1000000").expect(code: 0)
    #expect(replayed.text == output.text)
    try taro.run("ledger", "verify").expect(code: 0)
    let bundle = "\(taro.root)/a.tar"
    try taro.run("bundle", "a", "-o", bundle).expect(code: 0)
    try taro.run("verify-bundle", bundle).expect(code: 0)
  }

  @Test func `takes nothing away where there is no more`() throws {
    let text = (1...1000).map { "\($0)\n" }.joined()
    let limit = "\(text.utf8.count)"
    for size in [limit, "1G"] {
      try taro.run("exec", "--id", "a", "--keep-output", size, "seq", "1000")
        .expect(code: 0, stdout: text)
      try taro.run("output", "a").expect(code: 0, stdout: text, stderr: "")
      #expect(try taro.events(ofJob: "a").allSatisfy { $0.kind != .outputGap })
    }
    try taro.run("exec", "--id", "none", "--keep-output", "0", "echo", "x")
      .expect(code: 0, stdout: "x\n")
    try taro.run("output", "none").expect(code: 0, stdout: "")
    try expect(taro.run("hist", "none").expect(code: 0).text) { $0.contains("COMPLETED") }
  }

  @Test func `is as configured, unless the command line says otherwise, and is repeated`() throws {
    func kept(_ job: String) throws -> Int64? {
      try Created(
        #require(taro.events(ofJob: job).last { $0.kind == .state(.created) }).json
      ).options.keptOutput
    }
    let set = ["--set", "output.keep=64K"]
    try taro.runAll(["exec"] + set + ["--id", "a", "seq", "100000"]).expect(code: 0)
    expectEnds(try taro.run("output", "a").text, sizes: 65_000...65_536)
    try expect(kept("a"), is: 65_536)
    try taro.run("rerun", "a").expect(code: 0, stdout: Self.numbers)
    expectEnds(try taro.run("output", "a").text, sizes: 65_000...65_536)
    try taro.runAll(["exec"] + set + ["--id", "b", "--keep-output", "1M", "seq", "100000"])
      .expect(code: 0)
    try taro.run("output", "b").expect(code: 0, stdout: Self.numbers, stderr: "")
    try taro.runAll(["exec"] + set + ["--id", "c", "-b", "true"]).expect(code: 0)
    try expect(kept("c"), is: nil)
  }

  @Test func `shows who follows the beginning as it comes, and the end when it is there`() throws {
    let job = try taro.startJob("a", options: ["--keep-output", "20"])
    try job.say("first")
    try taro.waitForEvent { $0.kind == .output }
    let tail = try taro.start("tail", "-f", "a")
    try expect(tail.readLine(), is: "first")
    for number in 100..<200 { try job.say("\(number)") }
    job.closeInput()
    try job.finish().expect(code: 0)
    let end = try tail.finish().expect(code: 0)
    #expect(end.text.hasSuffix("198\n199\n"), "\(end)")
    #expect(end.stderr.contains("are not recorded here"), "\(end)")
  }

  @Test(arguments: [
    ["--keep-output", "x"], ["--keep-output", "-1"], ["--keep-output", "1M", "-b"],
  ])
  func `that makes no sense is refused`(options: [String]) throws {
    try taro.runAll(["exec"] + options + ["echo", "ran"]).expect(code: 64, stdout: "")
      .expectOneLine(about: "--keep-output")
  }
}
