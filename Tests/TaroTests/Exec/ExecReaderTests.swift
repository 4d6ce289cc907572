internal import Events
import Glibc
import Linux
import Spawn
import TestSupport
import Testing

/// Who reads what taro passes on: goes away, is full, does not read.
@Suite(.temporaryDirectory) struct ExecReaderTests {
  @Test func `a reader that goes away is felt by the job as without taro`() throws {
    let taro = try TaroProgram()
    let script = "{ \"$TARO\" exec --id a yes; echo $? >code; } | head -n 1"
    try taro.shell(script).expect(code: 0, stdout: "y\n", stderr: "")
    try expect(Files.text("\(taro.work)/code"), is: "141\n")
    let (state, ending) = try #require(try taro.ending(ofJob: "a"))
    #expect(state == .failed)
    #expect(ending.signal == "PIPE")
    let gap = try #require(try taro.events().first { $0.kind == .outputGap })
    #expect(gap.json["reason"]?.string == "the reader of stdout went away")
  }

  @Test func `when one reader goes away the other stream goes on`() throws {
    let taro = try TaroProgram()
    let script =
      "trap '' PIPE; read x; until ! echo out; do :; done 2>/dev/null; echo still >&2; exit 6"
    let process = try taro.start("exec", "--id", "a", "sh", "-c", script) { $0.stdin = .pipe }
    process.closeReader(.stdout)
    try process.write("go\n")
    try process.finish().expect(code: 6, stderr: "still\n")
    try taro.run("output", "a", "--stderr").expect(code: 0, stdout: "still\n")
  }

  /// The job fills what lies between it and the pipe that nobody reads, and then waits.
  private func startStalled(_ taro: TaroProgram, _ pipe: borrowing Descriptor.Pipe) throws
    -> TaroProcess
  {
    let writer = pipe.write.fd
    let process = try taro.start("exec", "--id", "a", "sh", "-c", "seq 1000000; echo end") {
      $0.stdout = .descriptor(writer)
    }
    _ = try taro.waitForFirstOutput()
    return process
  }

  @Test func `a reader that does not read keeps nobody from stopping the job`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "true").expect(code: 0)
    var pipe = try Descriptor.pipe()
    let process = try startStalled(taro, pipe)
    // The end of the run is on record, while taro still has bytes for the reader.
    try taro.run("stop", "--force", "--wait", "30s", "a").expect(code: 0, stderr: "")
    try expect(taro.ending(ofJob: "a")?.state, is: .stopped)
    pipe.write = try Descriptor.open("/dev/null", O_WRONLY)
    let passedOn = readAll(pipe.read)
    try process.finish().expect(code: 143, stderr: "")
    #expect(!passedOn.isEmpty)
    try taro.run("output", "a").expectStdout(passedOn)
  }

  @Test func `a reader that reads late gets everything`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "true").expect(code: 0)
    var pipe = try Descriptor.pipe()
    let process = try startStalled(taro, pipe)
    pipe.write = try Descriptor.open("/dev/null", O_WRONLY)
    let passedOn = readAll(pipe.read)
    try process.finish().expect(code: 0, stderr: "")
    #expect(passedOn.count == 6_888_896 + 4)
    try taro.run("output", "a").expectStdout(passedOn)
  }

  @Test func `a reader of both streams that reads late gets them in order`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "true").expect(code: 0)
    var pipe = try Descriptor.pipe()
    // More than the pipe takes, so that taro has some of it left, or has stopped reading, when the two lines come.
    let script = "head -c 70000 /dev/zero; read x; echo middle; echo end >&2; touch written; read x"
    let writer = pipe.write.fd
    let process = try taro.start("exec", "--id", "a", "sh", "-c", script) {
      $0.stdin = .pipe
      $0.stdout = .descriptor(writer)
      $0.stderr = .sameAsStdout
    }
    _ = try taro.waitForFirstOutput()
    try process.write("\n")
    try eventually("the job has written") { Files.exists("\(taro.work)/written") }
    pipe.write = try Descriptor.open("/dev/null", O_WRONLY)
    let passedOn = readAll(pipe.read, limit: 70_011)
    try process.write("\n")
    try process.finish().expect(code: 0)
    #expect(passedOn.count == 70_011)
    #expect(String(decoding: passedOn.suffix(11), as: UTF8.self) == "middle\nend\n")
  }

  private func readAll(_ file: borrowing Descriptor, limit: Int = .max) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count < limit,
      case .bytes(let count) = buffer.withUnsafeMutableBytes({ RawIO.read(file.fd, into: $0) })
    {
      bytes += buffer[..<count]
    }
    return bytes
  }
}

extension TaroProgram {
  fileprivate func waitForFirstOutput() throws -> Event {
    try waitForEvent("output") { $0.kind == .output }
  }
}
