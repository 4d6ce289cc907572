internal import Events
import Glibc
import Linux
import TestSupport
import Testing

@Suite(.temporaryDirectory) struct ExecQuietTests {
  @Test func `a job that completes prints nothing, and is recorded`() throws {
    let taro = try TaroProgram()
    try taro.run(
      "exec", "--id", "a", "--quiet-on-success", "sh", "-c", "echo out; echo err >&2"
    ).expect(code: 0, stdout: "", stderr: "")
    try taro.run("output", "a", "--stdout").expect(code: 0, stdout: "out\n", stderr: "")
    try taro.run("output", "a", "--stderr").expect(code: 0, stdout: "err\n", stderr: "")
  }

  @Test func `a job that fails prints everything, each stream where it belongs`() throws {
    let taro = try TaroProgram()
    try taro.run(
      "exec", "--id", "a", "--quiet-on-success", "sh", "-c", "echo out; echo err >&2; exit 3"
    ).expect(code: 3, stdout: "out\n", stderr: "err\n")
  }

  @Test func `on one file both streams come in the order they were written`() throws {
    let taro = try TaroProgram()
    let script =
      "for i in 1 2 3; do echo out $i; sleep 0.05; echo err $i >&2; sleep 0.05; done; false"
    try taro.run("exec", "--quiet-on-success", "sh", "-c", script) { $0.stderr = .sameAsStdout }
      .expect(code: 1, stdout: "out 1\nerr 1\nout 2\nerr 2\nout 3\nerr 3\n")
  }

  @Test func `nothing is printed before the end`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "true").expect(code: 0)
    let process = try taro.start(
      "exec", "--id", "a", "--quiet-on-success", "sh", "-c", "echo first; read x; exit 1"
    ) { $0.stdin = .pipe }
    _ = try taro.waitForEvent("output") { $0.kind == .output }
    #expect(!process.hasPrinted)
    try process.write("go on\n")
    try process.finish().expect(code: 1, stdout: "first\n", stderr: "")
  }

  @Test func `a job that is stopped has not completed`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "true").expect(code: 0)
    let process = try taro.start(
      "exec", "--id", "a", "--quiet-on-success", "sh", "-c", "echo begun; exec sleep 1000")
    _ = try taro.waitForEvent("output") { $0.kind == .output }
    try taro.run("stop", "--force", "a").expect(code: 0)
    try process.finish().expect(code: 143, stdout: "begun\n", stderr: "")
  }

  /// Far more than the pipes and the memory for it have room.
  @Test func `much output comes whole from a job that fails`() throws {
    let taro = try TaroProgram()
    let bytes = try Files.randomBytes(8_000_000)
    try Files.write(bytes, to: "\(taro.work)/data")
    let temporary = "\(taro.root)/tmp"
    mkdir(temporary, 0o700)
    let result = try taro.run("exec", "--quiet-on-success", "sh", "-c", "cat data; exit 1") {
      $0.environment["TMPDIR"] = temporary
    }
    result.expect(code: 1, stderr: "")
    result.expectStdout(bytes)
    #expect(Files.names(in: temporary) == [])
  }

  @Test func `memory does not grow with what is kept back`() throws {
    let taro = try TaroProgram()
    let script = "head -c 100000000 /dev/zero; grep VmHWM /proc/$PPID/status >peak; true"
    try taro.run("exec", "--quiet-on-success", "sh", "-c", script) { $0.deadline = 240 }
      .expect(code: 0, stdout: "", stderr: "")
    let peak = try Files.text("\(taro.work)/peak").split(separator: " ").compactMap { Int($0) }
    try expect(#require(peak.first)) { $0 < 64 << 10 }
  }

  @Test(arguments: [0, 1])
  func `where there is no place to keep it, it is passed on from there`(code: Int32) throws {
    let taro = try TaroProgram()
    let bytes = try Files.randomBytes(1_000_000)
    try Files.write(bytes, to: "\(taro.work)/data")
    let result = try taro.run("exec", "--quiet-on-success", "sh", "-c", "cat data; exit \(code)") {
      $0.environment["TMPDIR"] = "/no/such/directory"
    }
    result.expect(code: code).expectOneLine(about: "/no/such/directory")
    result.expectStdout(bytes)
  }

  @Test func `a full disk ends the keeping back, and no byte is lost`() throws {
    let taro = try TaroProgram()
    let bytes = try Files.randomBytes(2_000_000)
    try Files.write(bytes, to: "\(taro.work)/data")
    let mount = "mkdir tmp && mount -t tmpfs -o size=600k none tmp"
    let wrapper = ["unshare", "-m", "sh", "-c", "\(mount) && exec \"$@\"", "sh"]
    guard try taro.run("--version", change: { $0.wrapper = wrapper }).code == 0 else {
      try Test.cancel("no right to mount a file system here")
    }
    try taro.shell("rmdir tmp").expect(code: 0)
    let result = try taro.run("exec", "--quiet-on-success", "cat", "data") {
      $0.wrapper = wrapper
      $0.environment["TMPDIR"] = "\(taro.work)/tmp"
    }
    result.expect(code: 0).expectOneLine(about: "No space left on device")
    result.expectStdout(bytes)
  }

  @Test func `it cannot be had with -b`() throws {
    let taro = try TaroProgram()
    let result = try taro.run("exec", "-b", "--quiet-on-success", "true").expect(
      code: 64, stdout: "")
    #expect(result.stderr.contains("--quiet-on-success"), "\(result)")
  }
}
