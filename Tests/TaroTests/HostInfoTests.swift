internal import Events
import Linux
import TestSupport
import Testing

@Suite(.temporaryDirectory) struct HostInfoTests {
  private func write(_ text: String, _ taro: TaroProgram) throws {
    let path = "\(taro.root)/home/.config/taro/hostinfo"
    _ = try WholeFile.write(text, to: path, overwrites: true)
  }

  @Test func `tells what the kernel knows`() throws {
    let taro = try TaroProgram()
    let result = try taro.run("hostinfo").expect(code: 0, stderr: "")
    #expect(result.lines.contains("hostname: \(Host.name())"), "\(result)")
    #expect(result.lines.contains { $0.hasPrefix("memory: ") && $0.hasSuffix("iB") }, "\(result)")
    let uname = try taro.shell("uname -m; uname -sr; nproc --all").lines
    #expect(result.lines.contains("machine: \(uname[0])"), "\(result)")
    #expect(result.lines.contains("kernel: \(uname[1])"), "\(result)")
  }

  @Test func `tells first what its file says`() throws {
    let taro = try TaroProgram()
    try write("[const]\nRole=db\nhostname=mine\n", taro)
    let result = try taro.run("hostinfo").expect(code: 0, stderr: "")
    #expect(Array(result.lines.prefix(2)) == ["Role: db", "hostname: mine"])
    #expect(result.lines.count { $0.hasPrefix("hostname:") } == 1)
  }

  @Test func `is a document for programs`() throws {
    let taro = try TaroProgram()
    try write("[const]\nRole=db\n", taro)
    let result = try taro.run("hostinfo", "-f", "json").expect(code: 0, stderr: "")
    let document = try JSON(parsing: result.text)
    #expect(document["const"]?["Role"] == "db")
    #expect(document["hostname"]?.string == Host.name())
    #expect(document["processors"]?.integer ?? 0 > 0)
    #expect(document["memory_bytes"]?.integer ?? 0 > 1 << 20)
    let booted = try #require(document["booted_at"]?.string)
    #expect(booted.hasSuffix("Z"))
    #expect(
      document.members?.map(\.key) == [
        "const", "hostname", "machine", "processor", "processors", "memory_bytes", "os", "kernel",
        "booted_at",
      ])
  }

  @Test func `names what it does not support, and goes on`() throws {
    let taro = try TaroProgram()
    try write("[const]\na=b\n[ec2]\nregion=region\n", taro)
    let result = try taro.run("hostinfo").expect(code: 0)
    result.expectOneLine(about: "[ec2] is not supported")
    #expect(result.lines.first == "a: b")
  }

  @Test func `a bad file is 78 with the line`() throws {
    let taro = try TaroProgram()
    try write("a=b\n", taro)
    try taro.run("hostinfo").expect(code: 78, stdout: "").expectOneLine(about: "hostinfo:1:")
  }
}
