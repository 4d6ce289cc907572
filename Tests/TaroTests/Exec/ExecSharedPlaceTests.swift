import Linux
import TestSupport
import Testing

/// Several jobs write into one place: no line is torn that would not be without taro.
@Suite(.temporaryDirectory) struct ExecSharedPlaceTests {
  /// Writers that print lines of one letter each, whole lines a write.
  private static let writer =
    "$|=1; $_ = shift; my $line = $_ x 209 . \"\\n\"; for my $i (1..1500) { print $line }"

  private func torn(_ path: String) throws -> [String] {
    try Files.text(path).split(separator: "\n").map(String.init).filter { line in
      line.utf8.count != 209 || Set(line.utf8).count != 1
    }
  }

  @Test(arguments: [">>log", "| cat >>log"])
  func `lines of several jobs stay whole`(place: String) throws {
    let taro = try TaroProgram()
    // A reader that is slow at first: pipes fill up, and are cut where they are full.
    let script = """
      writers() { for letter in a b c d; do
        "$TARO" exec --id $letter perl -e "$WRITER" $letter & done; wait; }
      writers \(place.hasPrefix("|") ? "| { read first; echo \"$first\"; sleep 0.3; cat; } >log" : place)
      """
    try taro.shell(script) { $0.environment["WRITER"] = Self.writer }
      .expect(code: 0, stdout: "", stderr: "")
    expect(try torn("\(taro.work)/log"), is: [])
    expect(try Files.lines("\(taro.work)/log").count, is: 6000)
  }

  @Test func `a line that comes in two writes goes into a log in one`() throws {
    let taro = try TaroProgram()
    // What is in the file after each write, as strace tells it. A job that was kept from its end for a tenth of a second
    // does not say much: its beginning is written by then.
    let script = "strace -f -qq -e trace=write,writev -o trace \"$TARO\" exec sh -c "
    var count = 0
    for _ in 0..<10 where count != 1 {
      try Files.write([], to: "\(taro.work)/log")
      try taro.shell(script + "'printf one; printf two; echo three' >>log").expect(code: 0)
      expect(try Files.text("\(taro.work)/log"), is: "onetwothree\n")
      let writes = try Files.lines("\(taro.work)/trace").filter { $0.contains("three") }
      // The job's own into its pipe, and one of taro's.
      count = writes.count { $0.contains("onetwothree") || $0.contains("writev(1") }
    }
    #expect(count == 1)
  }

  @Test func `a line without an end comes out all the same, soon and at the end`() throws {
    let taro = try TaroProgram()
    let process = try taro.startShell(
      "\"$TARO\" exec sh -c 'printf prompt; read x; printf last' >>log"
    ) { $0.stdin = .pipe }
    try eventually("it is there") {
      (try? Files.text("\(taro.work)/log")) == "prompt"
    }
    try process.write("\n")
    try process.finish().expect(code: 0)
    expect(try Files.text("\(taro.work)/log"), is: "promptlast")
  }

  @Test func `a line of any length comes whole`() throws {
    let taro = try TaroProgram()
    let job = "head -c 5000000 /dev/zero | tr '\\0' x; echo; echo end"
    try taro.shell("\"$TARO\" exec sh -c \"$JOB\" >>log && sh -c \"$JOB\" | cmp - log") {
      $0.environment["JOB"] = job
    }.expect(code: 0, stdout: "", stderr: "")
  }
}
