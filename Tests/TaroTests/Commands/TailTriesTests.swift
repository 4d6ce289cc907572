import Events
import TestSupport
import Testing

@Suite("taro tail -f, of a job that is tried again", .temporaryDirectory)
struct TailTriesTests {
  private let taro: TaroProgram

  init() throws {
    taro = try TaroProgram()
    // The ledger is there.
    try taro.exec("other", "true")
  }

  /// A job that prints the number of its try when the file of that number is there, and fails.
  private func start(tries: Int, code: Int = 1, _ options: String...) throws -> TaroProcess {
    let script = """
      n=$(ls "$0" | grep -c begun); : > "$0/begun$n"
      until [ -e "$0/go$n" ]; do sleep 0.02; done; echo "try $n"; exit \(code)
      """
    return try taro.start(
      bytes: (["exec", "--id", "a", "--retry", "\(tries - 1)", "--retry-delay", "0"] + options
        + ["sh", "-c", script, taro.root]).map { Array($0.utf8) })
  }

  private func go(_ number: Int) throws {
    try Files.write([], to: "\(taro.root)/go\(number)")
  }

  private func expectTries(_ tail: TaroProcess, _ numbers: ClosedRange<Int>, of total: Int) throws {
    let result = try tail.finish().expect(code: 0)
    #expect(result.text == numbers.map { "try \($0 - 1)\n" }.joined(), "\(result)")
    let said = result.stderr.split(separator: "\n")
    #expect(said.count == numbers.count - 1, "\(result)")
    for (line, number) in zip(said, numbers.dropFirst()) {
      #expect(line.hasPrefix("taro: a@"), "\(line)")
      #expect(line.hasSuffix(": try \(number) of \(total)"), "\(line)")
    }
  }

  @Test func `goes on with each try, and ends with the last`() throws {
    let job = try start(tries: 3)
    try taro.waitForEvent { $0.job == "a" && $0.kind == .state(.running) }
    let tails = try [["a"], [try taro.instance("a")]].map { names in
      try taro.start(bytes: (["tail", "-f"] + names).map { Array($0.utf8) })
    }
    for tail in tails { try tail.waitUntilWatching() }
    for number in 0..<3 { try go(number) }
    try job.finish().expect(code: 1)
    for tail in tails { try expectTries(tail, 1...3, of: 3) }
  }

  @Test func `begins with a try that has failed when that one is named, and goes on`() throws {
    let job = try start(tries: 2)
    try go(0)
    _ = try taro.waitForEvent("the second try") {
      $0.job == "a" && $0.kind == .state(.created) && Created($0.json).attempt == 2
    }
    let first = try #require(taro.events(ofJob: "a").first?.instance)
    let tail = try taro.start("tail", "-f", first.text)
    try tail.waitUntilWatching()
    try go(1)
    try job.finish().expect(code: 1)
    try expectTries(tail, 1...2, of: 2)
  }

  @Test func `ends where no other try comes: by its code, or because the runner is gone`() throws {
    let job = try start(tries: 2, code: 9, "--retry-on", "7")
    try taro.waitForEvent { $0.job == "a" && $0.kind == .state(.running) }
    let tail = try taro.start("tail", "-f", "a")
    try tail.waitUntilWatching()
    try go(0)
    try job.finish().expect(code: 9)
    try expectTries(tail, 1...1, of: 2)
    let other = try taro.start(
      "exec", "--id", "b", "-p", "latch", "--retry", "1", "--retry-delay", "0", "./nothing")
    try taro.waitForEvent { $0.job == "b" && $0.kind == .state(.pending) }
    let late = try taro.start("tail", "-f", "b")
    try late.waitUntilWatching()
    try taro.run("release", "latch").expect(code: 0)
    try other.finish().expect(code: 127)
    try late.finish().expect(code: 0, stdout: "", stderr: "")
  }
}
