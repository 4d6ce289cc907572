import Glibc
import TestSupport
import Testing

/// `taro page` becomes `taros`, which `make build` does without.
@Suite(
  .temporaryDirectory,
  .enabled(
    if: (try? BuiltProgram.path("taros")).map { Files.exists($0) } ?? false, "taros is not built"))
struct PageCommandTests {
  @Test func `serves the page at a free port, says where, and ends with Ctrl-C`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "a", "echo", "hi").expect(code: 0)
    let page = try taro.start("page", "--no-browser")
    let address = try page.readLine()
    let match = try #require(
      address.wholeMatch(of: /http:\/\/127\.0\.0\.1:([0-9]+)\//), "\(address)")
    let port = try #require(UInt16(match.1))
    // Who comes before it is ready waits for it.
    let document = try HTTPClient(.port(port)).ask("GET", "/").expect(200)
    #expect(document["content-type"]?.hasPrefix("text/html") == true)
    // It serves this ledger, to this user.
    let list = try HTTPClient(.port(port)).ask("GET", "/instances?include=all").expect(200)
    #expect(list.text.contains(#""job":"a""#))
    page.signal(SIGINT)
    try page.finish().expect(code: 0, stderr: "")
  }

  @Test func `a port that somebody has is named`() throws {
    let taro = try TaroProgram()
    let first = try taro.start("page", "--no-browser")
    let address = try first.readLine()
    let port = try #require(address.firstMatch(of: /:([0-9]+)\//)).1
    try taro.run("page", "--no-browser", "--port", String(port)).expect(code: 71, stdout: "")
      .expectOneLine(about: "127.0.0.1:\(port)")
    first.signal(SIGINT)
    _ = try first.finish()
  }
}
