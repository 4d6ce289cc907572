import Events
internal import Ledger
import TestSupport
import Testing

@Suite("taro timeline", .temporaryDirectory)
struct TimelineTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  private func runSome() throws {
    try taro.exec("good", "sleep", "0.2")
    try taro.exec("bad", "sh", "-c", "exit 3", code: 3)
    try taro.run("exec", "--id", "warned", "--warn-output", "x", "echo", "x").expect(code: 0)
  }

  @Test func `has a line for each job, below a ruler`() throws {
    try runSome()
    let live = try taro.startJob("live")
    let lines = try taro.run("timeline", "-S", "1m ago").expect(code: 0, stderr: "").lines
    expect(lines.count, is: 5)
    try expect(lines.at(0)) { $0.hasPrefix("20") && $0.contains("|") }
    expect(
      lines.dropFirst().map { String($0.prefix { $0 != " " }) },
      is: ["bad", "good", "live", "warned"])
    try expect(lines.at(1)) { $0.hasSuffix("X") }
    try expect(lines.at(2)) { $0.hasSuffix("=") }
    try expect(lines.at(3)) { $0.hasSuffix("=") }
    #expect(lines.allSatisfy { $0.utf8.count <= 120 })
    let some = try taro.run("timeline", "good", "b*").expect(code: 0).lines
    expect(some.count, is: 3)
    try expect(taro.run("timeline", "-U", "1h ago").expect(code: 0).lines.count, is: 1)
    live.closeInput()
    try live.finish().expect(code: 0)
  }

  @Test func `gives a document`() throws {
    try runSome()
    let live = try taro.startJob("live")
    let document = try JSON(parsing: try taro.run("timeline", "-f", "json").expect(code: 0).text)
    #expect(document["since"]?.string != nil && document["until"]?.string != nil)
    var contract = try JSONContract("The timeline document")
    let runs = try #require(document["runs"]?.array)
    for run in runs { #expect(contract.check(run).isEmpty, "\(contract.check(run))") }
    #expect(runs.map { $0["job"]?.string } == ["bad", "good", "live", "warned"])
    #expect(runs.map { $0["exit_code"]?.integer } == [3, nil, nil, nil])
    #expect(runs.last?["warnings"]?.array?.count == 1)
    live.closeInput()
    try live.finish().expect(code: 0)
    let none = try taro.run("timeline", "-f", "json", "nothing*").expect(code: 0).text
    #expect(none.contains("\"runs\":[]}"))
  }

  @Test func `is that of an earlier moment`() throws {
    try runSome()
    let ended = try #require(try taro.events(ofJob: "bad").last).seq
    func runs(_ position: Seq) throws -> [String] {
      let text = try taro.run("timeline", "--as-of", "\(position)", "-f", "json").expect(code: 0)
      let runs = try #require(try JSON(parsing: text.text)["runs"]?.array)
      return runs.map { "\($0["job"]?.string ?? "") \($0["state"]?.string ?? "")" }
    }
    try expect(runs(ended), is: ["bad FAILED", "good COMPLETED"])
    try expect(runs(ended - 1), is: ["bad RUNNING", "good COMPLETED"])
    try taro.run("timeline", "--as-of", "0").expect(code: 1, stdout: "")
  }

  @Test func `is a picture that any reader of XML takes`() throws {
    try runSome()
    try taro.exec("<script>&\u{1b}[2J\"", "true")
    let file = "\(taro.work)/night.svg"
    try Files.write(
      try taro.run("timeline", "-f", "svg", "-S", "1m ago").expect(code: 0).stdout, to: file)
    let check = """
      import sys, xml.etree.ElementTree as tree
      root = tree.parse(sys.argv[1]).getroot()
      names = {element.tag.split('}')[1] for element in root.iter()}
      print(root.tag, len([e for e in root.iter() if e.tag.endswith('}g')]), sorted(names))
      for e in root.iter():
        assert not any(k.startswith('on') or 'href' in k for k in e.attrib), e.attrib
      """
    try Files.write(Array(check.utf8), to: "\(taro.work)/check.py")
    let result = try taro.shell("python3 check.py night.svg").expect(code: 0, stderr: "")
    #expect(
      result.text
        == "{http://www.w3.org/2000/svg}svg 4 ['g', 'line', 'rect', 'style', 'svg', 'text', 'title']\n",
      "\(result)")
  }

  @Test func `of an empty host is a ruler, and makes no ledger`() throws {
    try expect(taro.run("timeline").expect(code: 0, stderr: "").lines.count, is: 1)
    try expect(taro.run("timeline", "-f", "svg").expect(code: 0).text) { $0.hasSuffix("</svg>\n") }
    #expect(!Files.exists(taro.ledger.path))
    try taro.run("timeline", "-S", "now", "-U", "1h ago").expect(code: 64).expectOneLine(
      about: "--since")
    try taro.run("timeline", "-f", "png").expect(code: 64)
  }

  @Test func `fits a terminal`() throws {
    try runSome()
    let terminal = try QueryTerminal()
    try taro.start("timeline", "-S", "1m ago") { terminal.attach(&$0, columns: 60) }.finish()
      .expect(code: 0)
    let lines = terminal.readAll().split(separator: "\n").map {
      $0.replacing(/\u{1b}\[[0-9;]*m/, with: "")
    }
    expect(lines.count, is: 4)
    #expect(lines.allSatisfy { $0.count <= 60 }, "\(lines)")
  }
}
