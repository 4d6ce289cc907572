import Events
import TestSupport
import Testing

@Suite("What is not to be recorded of a command", .temporaryDirectory)
struct ExecMaskTests {
  private let taro: TaroProgram
  private static let secret = "s3cr3t-77"

  init() throws { taro = try TaroProgram() }

  private func configure(_ text: String) throws -> String {
    let path = "\(taro.root)/mask.yaml"
    try Files.write(Array(text.utf8), to: path)
    return path
  }

  private func expectNoSecret() throws {
    for event in try taro.events() {
      #expect(!event.data.contains(Self.secret), "\(event)")
      #expect(event.job?.contains(Self.secret) != true)
    }
  }

  @Test func `record.mask is as --mask, and both add up`() throws {
    let path = try configure("record:\n  mask: ['--token=\\S+', 'nothing']\n")
    try taro.run(
      "exec", "-C", path, "--mask", "s3cr3t-[0-9]+", "true", "--token=x y", Self.secret
    ).expect(code: 0, stderr: "")
    let event = try #require(taro.events().first)
    #expect(event.job == "true *** y ***")
    #expect(Created(event.json).command == ["true", "*** y", "***"])
    #expect(Created(event.json).options.isMasked)
    try expectNoSecret()
    try taro.run("rerun", "true *** y ***").expect(code: 1).expectOneLine(about: "mask")
  }

  @Test func `a run that is repeated is masked by what is configured now`() throws {
    try taro.run("exec", "true", Self.secret).expect(code: 0)
    let path = try configure("record: {mask: s3cr3t}\n")
    try taro.run("rerun", "-C", path, "true \(Self.secret)").expect(code: 0)
    let event = try #require(taro.events().last { $0.kind == .state(.created) })
    #expect(event.job == "true ***-77")
    #expect(Created(event.json).command == ["true", "***-77"])
  }

  @Test func `what hinders the start is recorded without it`() throws {
    let path = try configure("record: {mask: '[a-z0-9]+-77'}\n")
    let result = try taro.run("exec", "-C", path, "./\(Self.secret)").expect(code: 127)
    // On the spot it is said as it is.
    result.expectOneLine(about: Self.secret)
    let end = try #require(taro.events().last.map { Ending($0.json) })
    #expect(end.reason == "./***: no such file")
    try expectNoSecret()
  }

  @Test(
    arguments: [
      ("record:\n  mask: ['(', 'x']\n", ["record.mask \"(\": missing closing parenthesis"]),
      ("record:\n  mask: {a: b}\n", ["the configuration is not used", "cannot be told"]),
      ("record:\n  mask: [s3cr3t\n", ["the configuration is not used", "cannot be told"]),
      ("record:\n  msak: [s3cr3t]\n", ["the configuration is not used", "cannot be told"]),
    ])
  func `of a mask that cannot be understood nothing is recorded that it may have meant`(
    text: String, about: [String]
  ) throws {
    let path = try configure(text)
    let result = try taro.run("exec", "-C", path, "echo", Self.secret).expect(
      code: 0, stdout: "\(Self.secret)\n")
    for part in about { #expect(result.stderr.contains(part), "\(result)") }
    #expect(result.stderr.contains("each word of the command is recorded as ***"))
    let event = try #require(taro.events().first)
    #expect(event.job == "*** ***")
    #expect(Created(event.json).command == ["***", "***"])
    try taro.run("config", "check", "-C", path).expect(code: 78)
  }

  @Test func `a mistake elsewhere in the file takes no mask away`() throws {
    let path = try configure("nonsense: 1\nrecord:\n  mask: s3cr3t\n")
    try taro.run("exec", "-C", path, "true", Self.secret).expect(code: 0)
      .expectOneLine(about: "the configuration is not used")
    #expect(try taro.events().first?.job == "true ***-77")
  }

  @Test func `config check names a wrong expression, and --set with one runs nothing`() throws {
    let path = try configure("record:\n  mask: ['a', 'b[']\n")
    let check = try taro.run("config", "check", "-C", path).expect(code: 78)
    #expect(check.text.contains("record.mask \"b[\": missing terminating ]"), "\(check)")
    try taro.run("exec", "--set", "record.mask=(", "echo", "ran").expect(code: 64, stdout: "")
      .expectOneLine(about: "record.mask")
    let shown = try taro.run("config", "show", "--effective", "-C", path).expect(code: 0)
    #expect(shown.text.contains("record.mask=[\"a\", \"b[\"]\n"), "\(shown)")
  }
}
