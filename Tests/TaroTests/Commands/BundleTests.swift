import Events
import Glibc
import Ledger
import TestSupport
import Testing

@Suite("taro bundle", .temporaryDirectory)
struct BundleCommandTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  private func head() throws -> String {
    try #require(try taro.run("ledger", "head").expect(code: 0).lines.first)
  }

  @Test func `is checked without the ledger, and says what it holds`() throws {
    try taro.exec("a", "sh", "-c", "echo out; echo err >&2; printf '\\0\\377\\033[31m'")
    try taro.exec("b", "false", code: 1)
    let made = try taro.run("bundle", "a", "-o", "a.tar").expect(code: 0, stderr: "")
    #expect(made.lines.first?.hasPrefix("a.tar: a@") ?? false, "\(made)")
    try #expect(made.lines.contains("head       \(head())"), "\(made)")
    #expect(Files.mode("\(taro.work)/a.tar") == 0o600)
    let head = try head()
    Files.removeTree(taro.ledger.path)
    let found = try taro.run("verify-bundle", "a.tar", "--head", head).expect(code: 0, stderr: "")
    #expect(found.lines.first == "a.tar: whole")
    #expect(found.text.contains("is the one that was kept: all events are as they were recorded"))
    #expect(Files.names(in: taro.root) == ["home", "runtime", "work"])
    expect(Files.names(in: taro.work), is: ["a.tar"])
    // The output is in it, byte for byte, for any tar.
    let bytes = try taro.shell("tar xOf a.tar output/all").expect(code: 0).stdout
    #expect(bytes.firstRange(of: [0, 0xff, 0x1b] + Array("[31m".utf8)) != nil)
  }

  @Test func `is read by Python's tarfile, and its page by Python's parser`() throws {
    try taro.exec("a", "sh", "-c", "echo '<script>alert(1)</script>'; printf '\\033]0;x\\007\\n'")
    try taro.exec("b", "true")
    try taro.run("bundle", "a", "-o", "a.tar").expect(code: 0)
    let page = try Files.text(Repository.path("docs/evidence.md"))
    let code = try #require(page.firstMatch(of: /```python\n((?s:.*?))```/)).1
    try Files.write(Array(code.utf8), to: "\(taro.work)/check.py")
    try taro.shell("python3 check.py a.tar \(head())").expect(code: 0, stderr: "")
    try taro.shell("python3 check.py a.tar 0@1 2>&1 | tail -n 1").expect(
      stdout: "AssertionError: another head\n")
    let script = """
      import sys, tarfile
      from html.parser import HTMLParser
      class Page(HTMLParser):
        tags, text = [], ""
        def handle_starttag(self, tag, attributes):
          self.tags.append(tag)
          assert not any(name in ("src", "href") or name.startswith("on") for name, _ in attributes)
        def handle_data(self, data): self.text += data
      page = Page()
      page.feed(tarfile.open("a.tar").extractfile("report.html").read().decode())
      assert "script" not in page.tags and "pre" in page.tags
      assert "<script>alert(1)</script>" in page.text and "\\x1b" not in page.text
      """
    try taro.shell("python3 -c '\(script.replacing("'", with: "'\"'\"'"))'").expect(
      code: 0, stderr: "")
  }

  @Test func `of a live run has what is there`() throws {
    let job = try taro.startJob("live")
    try job.write("one\n")
    _ = try taro.waitForEvent("output") { $0.kind == .output }
    let made = try taro.run("bundle", "live", "-o", "live.tar").expect(code: 0)
    #expect(made.lines.first?.hasSuffix(", which has not ended") ?? false, "\(made)")
    try taro.run("verify-bundle", "live.tar").expect(code: 0)
    job.closeInput()
    try job.finish().expect(code: 0)
    let found = try taro.run("verify-bundle", "live.tar", "--head", head()).expect(code: 65)
    #expect(found.text.contains("it cannot be compared with event"), "\(found)")
  }

  private func retain(_ settings: String...) throws {
    try taro.runAll(
      ["ledger", "retain", "--force"] + settings.flatMap { ["--set", "retention.\($0)"] }
    ).expect(code: 0)
  }

  @Test func `tells where retention has dropped output`() throws {
    try taro.exec("a", "sh", "-c", "seq 100; exit 1", code: 1)
    try retain("max_size=1", "keep_failed=9")
    let made = try taro.run("bundle", "a", "-o", "a.tar").expect(code: 0)
    #expect(made.text.contains("1 piece not in it: dropped by retention"), "\(made)")
    let found = try taro.run("verify-bundle", "a.tar", "--head", head()).expect(code: 1)
    #expect(found.lines.first == "a.tar: as it was made, and incomplete")
    #expect(found.text.contains("1 piece with 292 B not in it: dropped by retention"), "\(found)")
  }

  @Test func `ends before a gap that retention has made, and is proven up to there`() throws {
    try taro.exec("a", "false", code: 1)
    let kept = try head()
    try taro.exec("b", "true")
    try retain("max_records=0", "keep_failed=1")
    let made = try taro.run("bundle", "a", "-o", "a.tar").expect(code: 0)
    #expect(made.lines.contains("head       \(kept)"), "\(made)")
    try taro.run("verify-bundle", "a.tar", "--head", kept).expect(code: 0)
    try taro.run("verify-bundle", "a.tar", "--head", head()).expect(code: 65)
  }

  @Test func `with a gap within is proven behind it, and by an earlier head before it`() throws {
    let live = try taro.startJob("long")
    let early = try head()
    try taro.exec("short", "true")
    try retain("max_records=0")
    live.closeInput()
    try live.finish().expect(code: 0)
    let made = try taro.run("bundle", "long", "-o", "long.tar").expect(code: 0)
    #expect(made.text.contains("gaps       1 within the run"), "\(made)")
    let found = try taro.run("verify-bundle", "long.tar", "--head", head()).expect(code: 1)
    #expect(found.text.contains("were dropped: what is before them is proven only by"), "\(found)")
    let events = try taro.events(ofJob: "long").count
    for head in [try head(), early] {
      let found = try taro.run("verify-bundle", "long.tar", "--head", head).expect(code: 1)
      #expect(found.text.contains(" of \(events) events"), "\(found)")
    }
  }

  @Test func `of large output is whole, also of one line`() throws {
    try taro.exec("large", "sh", "-c", "head -c 5000000 /dev/zero | tr '\\0' x; echo; seq 100000")
    try taro.run("bundle", "large", "-o", "large.tar").expect(code: 0)
    let head = try head()
    try taro.run("verify-bundle", "large.tar", "--head", head).expect(code: 0)
    try taro.shell("\"$TARO\" output large > out; tar xOf large.tar output/all | cmp - out")
      .expect(code: 0)
    let report = try taro.shell("tar xOf large.tar report.html | wc -c").expect(code: 0)
    let size = try #require(report.lines.first.flatMap { Int($0) })
    #expect(size < 600_000)
  }

  @Test func `refuses what cannot be`() throws {
    try taro.run("bundle", "none", "-o", "x.tar").expect(code: 1).expectOneLine(about: "none")
    try taro.exec("a", "true")
    try taro.run("bundle", "none", "-o", "x.tar").expect(code: 1).expectOneLine(about: "none")
    try taro.run("bundle", "a").expect(code: 64)
    try taro.run("bundle", "a", "-o", "").expect(code: 64)
    try taro.run("bundle", "a", "-o", "x.tar", "--head", "1@2").expect(code: 64)
    try taro.run("bundle", "a", "-o", "x.tar", "--head", "\(head())", "--alone").expect(code: 64)
    let other = "\(String(repeating: "0", count: 64))@2"
    try taro.run("bundle", "a", "-o", "x.tar", "--head", other).expect(code: 65).expectOneLine(
      about: "event 2", "was \(String(repeating: "0", count: 64))")
    try taro.run("bundle", "a", "-o", "x.tar", "--sign", "nokey").expect(code: 1).expectOneLine(
      about: "not signed", "nokey")
    expect(Files.names(in: taro.work), is: [])
    try Files.write([1], to: "\(taro.work)/x.tar")
    try taro.run("bundle", "a", "-o", "x.tar").expect(code: 1).expectOneLine(
      about: "x.tar: File exists", "name another")
    try taro.run("bundle", "a", "-o", "no/x.tar").expect(code: 71)
    try taro.run("verify-bundle", "x.tar").expect(code: 65, stderr: "")
    try taro.run("verify-bundle", "y.tar").expect(code: 71).expectOneLine(about: "y.tar")
    try taro.run("verify-bundle", ".").expect(code: 71)
    let piped = try taro.shell("true | $TARO verify-bundle /dev/stdin").expect(code: 71)
    #expect(piped.stderr == "taro: /dev/stdin is no plain file; name one that it is saved in\n")
  }

  @Test func `is not refused where its signature cannot be checked`() throws {
    try taro.exec("a", "true")
    try taro.shell("ssh-keygen -q -t ed25519 -N '' -f key").expect(code: 0)
    try taro.run("bundle", "a", "-o", "a.tar", "--sign", "key").expect(code: 0)
    try taro.run("verify-bundle", "a.tar").expect(code: 0)
    try taro.run("verify-bundle", "a.tar", "--allowed-signers", "none").expect(code: 71)
      .expectOneLine(about: "none: No such file")
    let path = "\(taro.work)/nothing"
    try taro.run("verify-bundle", "a.tar") { $0.environment["PATH"] = path }.expect(code: 71)
      .expectOneLine(about: "cannot be checked", "ssh-keygen")
    try taro.run("bundle", "a", "-o", "b.tar", "--sign", "key") { $0.environment["PATH"] = path }
      .expect(code: 1).expectOneLine(about: "not signed", "ssh-keygen")
  }

  @Test func `of a damaged ledger says what is missing`() throws {
    try taro.exec("a", "echo", "one")
    try taro.exec("b", "echo", "one")
    try Damage.allChunks(taro.ledger)
    let made = try taro.run("bundle", "a", "-o", "a.tar").expect(code: 0)
    #expect(made.text.contains("not in it: damaged in the ledger"), "\(made)")
    try taro.run("verify-bundle", "a.tar").expect(code: 1)
  }

  /// What a run calls itself, or a file is called, is text.
  @Test func `names are shown and not acted on`() throws {
    try taro.exec("\u{1b}[2Ja", "true")
    try taro.run("bundle", "*a", "-o", "x.tar").expect(code: 1)
    let id = try #require(try taro.events().first?.instance?.text)
    let made = try taro.run("bundle", id, "-o", "\u{1b}[2J.tar").expect(code: 0)
    #expect(!made.text.contains("\u{1b}"))
    let found = try taro.run("verify-bundle", "\u{1b}[2J.tar").expect(code: 0)
    #expect(!found.text.contains("\u{1b}"))
    try expect(taro.run("verify-bundle", "\u{1b}[2J.tar", "-f", "json").text) {
      !$0.contains("\u{1b}")
    }
  }
}
