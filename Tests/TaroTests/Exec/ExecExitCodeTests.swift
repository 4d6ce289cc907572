internal import Events
import Glibc
internal import Ledger
import TestSupport
import Testing

@Suite(.temporaryDirectory) struct ExecExitCodeTests {
  @Test(arguments: [0, 1, 3, 64, 124, 125, 126, 127, 128, 143, 255] as [Int32])
  func `the exit code is the job's`(code: Int32) throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "a", "sh", "-c", "exit \(code)")
      .expect(code: code, stdout: "", stderr: "")
    let (state, ending) = try #require(try taro.ending(ofJob: "a"))
    #expect(state == (code == 0 ? .completed : .failed))
    #expect(ending.exitCode == Int64(code))
    #expect(ending.signal == nil)
    #expect(ending.reason == nil)
    #expect(ending.usage != nil)
  }

  @Test(
    arguments: [
      ("TERM", 143), ("KILL", 137), ("SEGV", 139), ("ABRT", 134), ("INT", 130), ("HUP", 129),
      ("PIPE", 141), ("USR1", 138), ("QUIT", 131),
    ] as [(String, Int32)])
  func `a job that a signal killed is 128 and the signal`(signal: String, code: Int32) throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "a", "sh", "-c", "kill -\(signal) $$") {
      $0.preparation = "ulimit -c 0"
    }.expect(code: code, stdout: "", stderr: "")
    let (state, ending) = try #require(try taro.ending(ofJob: "a"))
    #expect(state == .failed)
    #expect(ending.exitCode == nil)
    #expect(ending.signal == signal)
    #expect(ending.reason == "signal \(signal)")
    #expect(!ending.coreDumped)
  }

  enum Unusable: String, CaseIterable, CustomTestStringConvertible {
    case missing, missingPath, directory, notExecutable, empty, interpreter, garbage, loop

    var testDescription: String { rawValue }
    var code: Int32 {
      switch self {
      case .missing, .missingPath, .empty, .interpreter: 127
      case .directory, .notExecutable, .garbage, .loop: 126
      }
    }

    func command(in directory: String) throws -> String {
      let path = "\(directory)/\(rawValue)"
      switch self {
      case .missing: return "no-such-command-anywhere"
      case .empty: return ""
      case .missingPath: return path
      case .directory: return directory
      case .notExecutable: try Files.write(Array("#!/bin/sh\n".utf8), to: path)
      case .interpreter: try Files.write(Array("#!/no/such/interpreter\n".utf8), to: path)
      case .loop: try #require(symlink(path, path) == 0)
      case .garbage: try Files.write([0x7f] + Array("ELF".utf8) + [0, 0, 0, 0], to: path)
      }
      return path
    }
  }

  @Test(arguments: Unusable.allCases)
  func `what cannot be executed is START_FAILED and said in one line`(kind: Unusable) throws {
    let taro = try TaroProgram()
    let command = try kind.command(in: taro.work)
    if kind != .notExecutable {
      try taro.shell("for f in garbage interpreter; do [ ! -e $f ] || chmod +x $f; done")
        .expect(code: 0)
    }
    try taro.run("exec", "--id", "a", command).expect(code: kind.code, stdout: "")
      .expectOneLine(about: command)
    let events = try taro.events(ofJob: "a")
    #expect(events.map(\.kind) == [.state(.created), .state(.startFailed)])
    let reason = try #require(try taro.ending(ofJob: "a")?.ending.reason)
    #expect(reason.contains(command))
  }

  @Test func `a script without an interpreter's name is run by the shell`() throws {
    let taro = try TaroProgram()
    try Files.write(Array("echo \"$0\" \"$1\"; exit 3\n".utf8), to: "\(taro.work)/script")
    try taro.shell("chmod +x script").expect(code: 0)
    try taro.run("exec", "./script", "a b").expect(code: 3, stdout: "./script a b\n", stderr: "")
  }

  @Test func `a command is looked up in the PATH that the job has`() throws {
    let taro = try TaroProgram()
    try Files.write(Array("#!/bin/sh\nexit 9\n".utf8), to: "\(taro.work)/mine")
    try taro.shell("chmod +x mine").expect(code: 0)
    try taro.run("exec", "mine") { $0.environment = ["PATH": "/bin:\(taro.work)"] }
      .expect(code: 9, stderr: "")
  }

  @Test func `no run without a record where one is required`() throws {
    let taro = try TaroProgram()
    try Files.write([], to: taro.ledger.path)
    try taro.run("exec", "--require-ledger", "touch", "ran").expect(code: 125, stdout: "")
      .expectOneLine(about: taro.ledger.path, "no directory")
    #expect(!Files.exists("\(taro.work)/ran"))
  }

  @Test func `a run with a record where one is required is like any other`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "a", "--require-ledger", "sh", "-c", "echo x; exit 3")
      .expect(code: 3, stdout: "x\n", stderr: "")
    try expect(taro.ending(ofJob: "a")?.state, is: .failed)
  }

  @Test func `the option names the ledger and goes before the environment`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--ledger", "other/ledger", "true").expect(code: 0, stderr: "")
    #expect(Files.exists("\(taro.work)/other/ledger/ledger.db"))
    #expect(!Files.exists(taro.ledger.path))
  }
}
