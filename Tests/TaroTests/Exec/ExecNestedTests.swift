internal import Events
import TestSupport
import Testing

/// Runs that are started by the job of another: they have its place, and nobody waits for whom he is part of.
@Suite(.temporaryDirectory) struct ExecNestedTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  @Test(arguments: ["-s", "-o", "-m 1", "-s -g cpu", "-o -m 1 -g a"])
  func `a gate inside itself does not wait`(options: String) throws {
    let script = #"""
      "$TARO" exec --id a OPTIONS sh -c '"$0" exec --id a OPTIONS sh -c "\"\$0\" exec --id a OPTIONS echo inner" "$0"' "$TARO"
      """#.replacing("OPTIONS", with: options)
    try taro.shell(script).expect(code: 0, stdout: "inner\n", stderr: "")
    let created = try taro.events().filter { $0.kind == .state(.created) }
    #expect(created.map { Created($0.json).within } == [nil] + created.dropLast().map(\.instance))
  }

  @Test func `who waits for the outer run is not waited for by the inner one`() throws {
    try taro.run("exec", "--id", "first", "true").expect(code: 0)
    let outer = try taro.start(
      "exec", "--id", "a", "-s", "sh", "-c", #"read go; "$0" exec --id a -s echo inner"#, taro.path
    ) { $0.stdin = .pipe }
    _ = try taro.waitForEvent("the outer one runs") { $0.job == "a" && $0.kind == .state(.running) }
    let second = try taro.startWaiting("a", "-s")
    try outer.write("go\n")
    try outer.finish().expect(code: 0, stdout: "inner\n", stderr: "")
    try second.process.finish().expect(code: 0, stdout: "ran\n")
  }

  @Test func `two inner runs count each other`() throws {
    let inner = #""$0" exec --id a -s sh -c "mkdir lock && sleep 0.2 && rmdir lock""#
    let script = "\(inner) & \(inner); first=$?; wait $!; exit $((first + $?))"
    try taro.run("exec", "--id", "a", "-s", "sh", "-c", script, taro.path).expect(
      code: 0, stderr: "")
    let inners = try taro.events(ofJob: "a").filter { $0.kind == .state(.completed) }
    #expect(inners.count == 3)
  }

  @Test(arguments: ["06h0000000000000", "nonsense", "", "ended"])
  func `what an environment says of no run that goes on makes no difference`(variable: String)
    throws
  {
    try taro.run("exec", "--id", "ended", "true").expect(code: 0)
    let ended = try #require(try taro.events(ofJob: "ended").first?.instance).text
    let live = try taro.start("exec", "--id", "a", "cat") { $0.stdin = .pipe }
    _ = try taro.waitForEvent("a runs") { $0.job == "a" && $0.kind == .state(.running) }
    try taro.run("exec", "-o", "--id", "a", "echo", "second") {
      $0.environment["TARO_INSTANCE"] = variable == "ended" ? ended : variable
    }.expect(code: 0, stdout: "")
    try expect(taro.ending(ofJob: "a")?.state, is: .skipped)
    live.closeInput()
    try live.finish().expect(code: 0)
  }

  @Test(arguments: ["--after", "--after-success"])
  func `to wait for the end of the run that one is part of is refused`(option: String) throws {
    try taro.run(
      "exec", "--id", "a", "sh", "-c", #""$0" exec --id b "$1" a echo inner"#, taro.path, option
    ).expect(code: 1, stdout: "").expectOneLine(about: "the job is not run: after a@", "part of")
    try expect(taro.ending(ofJob: "b")?.state, is: .cancelled)
    // That it is there can be asked.
    try taro.run("exec", "--id", "a", "sh", "-c", #""$0" exec --id b -d a echo inner"#, taro.path)
      .expect(code: 0, stdout: "inner\n")
  }
}
