import Events
import Glibc
import TestSupport
import Testing

/// What others have written reads it: CloudEvents' SDK, OpenTelemetry's messages, junitparser, Python's csv.
@Suite("What taro export writes", .temporaryDirectory)
struct ExportReadersTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  @Test func `is read by others`() throws {
    let trace = "0af7651916cd43dd8448eb211c80319c"
    try taro.run(
      "exec", "--id", "ok", "--env", "TRACEPARENT=00-\(trace)-b7ad6b7169203331-01",
      "--record-env=TRACEPARENT", "sh", "-c", "echo '<a> & \"b\"'; echo err >&2; printf last"
    ).expect(code: 0)
    try taro.exec("bad", "sh", "-c", "printf 'x\\0\\377\\033[1m\\n'; exit 3", code: 3)
    try taro.exec("bad", "/nonexistent", code: 127)
    try taro.run("disable", "off").expect(code: 0)
    try taro.exec("off", "true")
    let live = try taro.startJob("live")
    for (format, file) in [
      ("jsonl", "events.jsonl"), ("csv", "runs.csv"), ("cloudevents", "batch.json"),
      ("otlp-json", "trace.jsonl"), ("junit", "junit.xml"),
    ] { try taro.run("export", "-f", format, "-o", file).expect(code: 0, stderr: "") }
    live.closeInput()
    try live.finish().expect(code: 0)
    let tests = Repository.path("Tests/rest")
    let read = try taro.shell("\"$(\(tests)/environment.sh)/bin/python\" \(tests)/exports.py .") {
      $0.deadline = 300
    }.expect(code: 0)
    for line in [
      "csv [\"ok\", \"COMPLETED\", \"0\",", "csv [\"bad\", \"FAILED\", \"3\",",
      "csv [\"bad\", \"START_FAILED\",", "csv [\"off\", \"DISABLED\",",
      "cloudevents dev.taro.completed dev.taro.created", "span ok 1 of another \(trace)",
      "span running 1 child \(trace)", "span bad 2 root", "span running 2 child",
      "log [\"stdout\", \"<a> & \\\"b\\\"\"]", "log [\"stderr\", \"err\"]",
      "log [\"stdout\", \"last\"]", "junit bad: 2 tests, 1 failures, 1 errors, 0 skipped",
      "junit off: 1 tests, 0 failures, 0 errors, 1 skipped",
      "case [\"bad\", \"x\\ufffd\\ufffd\\ufffd[1m\\n\"]",
    ] { #expect(read.lines.contains { $0.hasPrefix(line) }, "\(line)\n\(read)") }
    #expect(!read.text.contains("live\""), "\(read)")
  }
}
