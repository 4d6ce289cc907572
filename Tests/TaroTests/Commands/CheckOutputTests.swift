import Glibc
import TestSupport
import Testing

@Suite("taro check -o", .temporaryDirectory)
struct CheckOutputTests {
  private let taro: TaroProgram

  init() throws {
    taro = try TaroProgram()
    try taro.exec("a", "true")
  }

  private func check(_ path: String) throws -> TaroResult {
    try taro.run("check", "-f", "prometheus", "-o", path)
  }

  @Test func `writes a file that is new, or one in the place of another`() throws {
    for _ in 0..<2 {
      try check("new.prom").expect(code: 0, stdout: "", stderr: "")
      try expect(taro.shell("cat new.prom").text) { $0.contains("taro_check_status 0") }
    }
    #expect(Files.names(in: taro.work) == ["new.prom"])
  }

  @Test func `follows a symlink to its file, which the symlink goes on to lead to`() throws {
    try taro.shell("mkdir d; echo old > d/real; ln -s d/real link; ln -s link other").expect(
      code: 0)
    try check("other").expect(code: 0, stdout: "", stderr: "")
    try taro.shell("readlink link other").expect(code: 0, stdout: "d/real\nlink\n")
    try expect(taro.shell("cat d/real").text) { $0.contains("taro_check_status 0") }
  }

  @Test(arguments: [
    ("a directory", "mkdir x"), ("a pipe", "mkfifo x"), ("a directory", "mkdir y; ln -s y x"),
    ("leads to no file", "ln -s nowhere x"),
  ])
  func `replaces nothing that is no file`(reason: String, made: String) throws {
    try taro.shell(made).expect(code: 0)
    let before = try taro.shell("ls -lA --time-style=full-iso").text
    try check("x").expect(code: 3, stdout: "").expectOneLine(about: "x cannot be written", reason)
    try expect(taro.shell("ls -lA --time-style=full-iso").text, is: before)
  }

  @Test(.enabled(if: geteuid() == 0, "only root makes devices"))
  func `replaces no device`() throws {
    // One of its own, as /dev/null is.
    guard try taro.shell("mknod null c 1 3").code == 0 else { return }
    try taro.shell("ln -s null link").expect(code: 0)
    for name in ["null", "link"] {
      try check(name).expect(code: 3, stdout: "").expectOneLine(about: name, "a device")
    }
    try taro.shell("test -c null && test -L link").expect(code: 0)
  }

  @Test func `makes no directory`() throws {
    for path in ["none/x", "none/below/x"] {
      try check(path).expect(code: 3, stdout: "")
        .expectOneLine(about: path, "its directory is not there")
    }
    #expect(Files.names(in: taro.work) == [])
  }

  @Test func `a configuration that is a symlink stays one when it is reset`() throws {
    let script = """
      mkdir -p home/.config/taro files; echo '{}' > files/taro.yaml; HOME="$PWD/home"; export HOME; \\
      unset XDG_CONFIG_HOME; ln -s "$PWD/files/taro.yaml" home/.config/taro/taro.yaml; \\
      "$TARO" config reset && readlink home/.config/taro/taro.yaml && cmp -s files/taro.yaml home/.config/taro/taro.yaml \\
      && grep -c . files/taro.yaml
      """
    try expect(taro.shell(script).expect(code: 0, stderr: "").lines.last) {
      ($0.flatMap { Int($0) } ?? 0) > 5
    }
  }
}
