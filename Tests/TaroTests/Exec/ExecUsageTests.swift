internal import Events
import TestSupport
import Testing

@Suite(.temporaryDirectory) struct ExecUsageTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  private func usage(ofJob job: String) throws -> Ending.Usage {
    try #require(try taro.ending(ofJob: job)?.ending.usage)
  }

  @Test func `of a job that is smaller than taro the memory is not known, but below what`() throws {
    try taro.run("exec", "--id", "a", "true").expect(code: 0)
    let usage = try usage(ofJob: "a")
    #expect(usage.maxRSSBytes == nil)
    try expect(#require(usage.maxRSSBelowBytes)) { $0 > 1 << 20 }
    let document = try JSON(parsing: try taro.run("show", "a", "-f", "json").text)
    #expect(document["usage"]?["max_rss_bytes"] == .null)
    #expect(document["usage"]?["max_rss_below_bytes"]?.integer == usage.maxRSSBelowBytes)
    try expect(taro.run("show", "a").text) { $0.contains("memory below ") }
  }

  @Test func `of a larger one it is the job's`() throws {
    let script = "dd if=/dev/zero of=/dev/null bs=200M count=1 2>/dev/null; :"
    // Through a shell: taro itself is to be small, and has the memory of whoever executes it (execve(2)).
    try taro.shell("\"$TARO\" exec --id a sh -c '\(script)'; exit $?").expect(code: 0)
    let bytes = try #require(try usage(ofJob: "a").maxRSSBytes)
    #expect(200 << 20..<300 << 20 ~= bytes)
    try expect(taro.run("show", "a").text) { $0.contains(" MiB memory at most") }
  }
}
