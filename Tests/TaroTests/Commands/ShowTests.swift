internal import Events
import TestSupport
import Testing

@Suite("taro show", .temporaryDirectory)
struct ShowTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  @Test func `tells a person everything`() throws {
    let script = "echo one; echo; echo two >&2; exit 3"
    try taro.run("exec", "--id", "job one", "--param", "tape=4", "--", "sh", "-c", script)
      .expect(code: 3)
    let text = try taro.run("show", "job one").expect(code: 0, stderr: "").text
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    try expect(lines.at(0).normalized, is: "job one@IIIIIIIIIIIIIIII  FAILED (exit code 3)")
    for expected in [
      "command    sh -c 'echo one; echo; echo two >&2; exit 3'", "directory  \(taro.work)",
      "params     tape=4", "exit       code 3",
      "output     3 lines, 5 B on stdout, 4 B on stderr",
    ] {
      #expect(lines.contains(expected), "\(expected)\n\(text)")
    }
    let states = lines.compactMap { $0.split(separator: " ").last.map(String.init) }
      .filter { InstanceState(rawValue: $0) != nil }
    #expect(states == ["CREATED", "RUNNING", "FAILED"])
    // Of each stream in order.
    let end = text.components(after: "Last lines:\n").split(
      separator: "\n", omittingEmptySubsequences: false)
    #expect(end.sorted() == ["", "", "  one", "  two"])
    try expect(taro.run("show", "-n", "0", "job one").text.contains("Last lines"), is: false)
    let last = try taro.run("show", "-n", "1", "job one").text
    #expect(last.components(after: "Last lines:\n").split(separator: "\n").count == 1)
  }

  @Test func `of a run with other ends names them`() throws {
    try taro.exec("killed", "sh", "-c", "kill -KILL $$", code: 137)
    try expect(taro.run("show", "killed").text) { $0.contains("exit       killed by SIGKILL\n") }
    try taro.exec("missing", "/no/such/command", code: 127)
    try expect(taro.run("show", "missing").text) { $0.contains("  START_FAILED (/no/such/command") }
    try taro.run("exec", "-b", "--id", "bypass", "true").expect(code: 0)
    try expect(taro.run("show", "bypass").text) { $0.contains("output     not recorded (-b)\n") }
    try taro.run("output", "bypass").expect(code: 0, stdout: "", stderr: "")
  }

  @Test func `with -f json is the document of docs/json.md`() throws {
    try taro.exec("a", "echo", "one")
    var contract = try JSONContract("The instance document")
    let document = try taro.document("a")
    #expect(contract.check(document) == [])
    #expect(document["state"]?.string == "COMPLETED")
    #expect(document["exit_code"]?.integer == 0)
    #expect(document["command"] == .strings(["echo", "one"]))
    #expect(document["output"]?["bytes"]?.integer == 4)
    #expect(document["output"]?["lines"]?.integer == 1)
    #expect(document["status"]?.string == "one")
    #expect(document["cwd"]?.string == taro.work)
  }
}

extension String {
  /// What stands behind that text.
  fileprivate func components(after text: String) -> Substring {
    firstRange(of: text).map { self[$0.upperBound...] } ?? ""
  }
}
