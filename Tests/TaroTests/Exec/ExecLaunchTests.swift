internal import Events
import Linux
import TestSupport
import Testing

@Suite(.temporaryDirectory) struct ExecLaunchTests {
  private static let job = "#!/bin/sh\npwd -P; umask; nice; echo \"$PWD\"\n"

  /// With a script `job` in the directory `dir`.
  private func program() throws -> TaroProgram {
    let taro = try TaroProgram()
    try taro.shell("mkdir dir && touch dir/job && chmod +x dir/job").expect(code: 0)
    try Files.write(Array(Self.job.utf8), to: "\(taro.work)/dir/job")
    return taro
  }

  @Test func `directory, umask and niceness are what was asked for, and recorded`() throws {
    let taro = try program()
    try taro.run(
      "exec", "--id", "a", "--cwd", "dir", "--umask", "27", "--nice", "5", "./job"
    ).expect(code: 0, stdout: "\(taro.work)/dir\n0027\n5\n\(taro.work)/dir\n", stderr: "")
    let created = try #require(try taro.created(ofJob: "a"))
    #expect(created.cwd == "\(taro.work)/dir")
    #expect(created.umask == "0027")
    #expect(created.nice == 5)
    let report = try taro.run("show", "a").expect(code: 0, stderr: "").lines
    #expect(
      report.contains("user       \(created.user) on \(created.host), umask 0027, niceness 5"))
  }

  @Test func `without them a run has taro's and no niceness is recorded`() throws {
    let taro = try program()
    try taro.run("exec", "--id", "a", "dir/job") { $0.preparation = "umask 22" }
      .expect(code: 0, stdout: "\(taro.work)\n0022\n0\n\(taro.work)\n", stderr: "")
    let created = try #require(try taro.created(ofJob: "a"))
    #expect(created.nice == nil)
    #expect(created.env == nil)
    #expect(created.envSet == [])
  }

  @Test(arguments: ["none", "/no/such/directory", "dir/job"])
  func `a directory that cannot be entered is START_FAILED and 125`(directory: String) throws {
    let taro = try program()
    try taro.run("exec", "--id", "a", "--cwd", directory, "true")
      .expect(code: 125, stdout: "").expectOneLine(about: directory)
    let (state, ending) = try #require(try taro.ending(ofJob: "a"))
    #expect(state == .startFailed)
    #expect(ending.reason?.contains(directory) == true)
    let path = directory.hasPrefix("/") ? directory : "\(taro.work)/\(directory)"
    try expect(taro.created(ofJob: "a")?.cwd, is: path)
  }

  @Test func `a niceness that is refused is said, and the job runs`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--nice", "-5", "nice") {
      $0.wrapper = ["strace", "-qq", "-f", "-o", "trace", "-e", "inject=setpriority:error=EACCES"]
    }.expect(code: 0, stdout: "0\n").expectOneLine(about: "niceness", "Permission denied")
  }

  @Test func `variables are set byte for byte, the last of one name counts`() throws {
    let taro = try TaroProgram()
    var words = ["exec", "--env", "A=1", "--env=B=x=y", "--env", "A=2", "--env"].map {
      Array($0.utf8)
    }
    words.append(Array("C=".utf8) + [0xff, 0x0a])
    words += ["sh", "-c", "printf '%s|' \"$A\" \"$B\" \"$C\""].map { Array($0.utf8) }
    let result = try taro.start(bytes: words).finish()
    result.expect(code: 0, stderr: "")
    result.expectStdout(Array("2|x=y|".utf8) + [0xff, 0x0a] + Array("|".utf8))
  }

  @Test func `of variables that are set the names are recorded, and no value`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "a", "--env", "TOKEN=secret", "true").expect(code: 0)
    let created = try #require(try taro.created(ofJob: "a"))
    #expect(created.envSet == ["TOKEN"])
    #expect(created.env == nil)
    try expect(taro.events().contains { $0.data.contains("secret") }, is: false)
  }

  @Test func `the environment is recorded when that is asked for`() throws {
    let taro = try TaroProgram()
    let result = try taro.run("exec", "--id", "a", "--env", "A=1", "--record-env", "env", "-0")
    result.expect(code: 0, stderr: "")
    let variables = result.stdout.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    let created = try #require(try taro.created(ofJob: "a"))
    let recorded = try #require(created.env).map { "\($0.key)=\($0.value.string ?? "")" }
    #expect(recorded.sorted() == variables.sorted())
    #expect(created.envBase64 == nil)
  }

  @Test func `variables that are named are recorded alone, with the bytes of what is no text`()
    throws
  {
    let taro = try TaroProgram()
    var words = ["exec", "--id", "a", "--env"].map { Array($0.utf8) }
    words.append(Array("TITLE=caf".utf8) + [0xe9])
    words += ["--record-env=HOME,TITLE,NONE", "true"].map { Array($0.utf8) }
    try taro.start(bytes: words).finish().expect(code: 0, stderr: "")
    let created = try #require(try taro.created(ofJob: "a"))
    #expect(
      created.env == [
        JSON.Member("HOME", .string("\(taro.root)/home")), JSON.Member("TITLE", "caf\u{fffd}"),
      ])
    #expect(created.envBase64 == [JSON.Member("TITLE", "Y2Fm6Q==")])
  }

  @Test func `a job inside a job is known by its own name, and the trace passes through`() throws {
    let taro = try TaroProgram()
    let script = """
      echo $TARO_JOB $TRACEPARENT
      "$TARO" exec --id inner sh -c 'echo $TARO_JOB $TARO_INSTANCE $TRACEPARENT'
      """
    let result = try taro.run("exec", "--id", "outer", "sh", "-c", script) {
      $0.environment["TRACEPARENT"] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
      $0.environment["TARO"] = taro.path
    }
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    let inner = try #require(try taro.events(ofJob: "inner").first?.instance)
    result.expect(code: 0, stdout: "outer \(trace)\ninner \(inner) \(trace)\n", stderr: "")
  }

  @Test func `a job whose run is not recorded knows its instance, too`() throws {
    let taro = try TaroProgram()
    let result = try taro.run("exec", "--ledger", "/dev/null/x", "sh", "-c", "echo $TARO_INSTANCE")
    result.expect(code: 0)
    #expect(InstanceID(result.lines.first ?? "") != nil)
  }
}
