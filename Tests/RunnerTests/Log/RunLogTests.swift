import Events
import Linux
import TestSupport
import Testing

@testable import Runner
@testable import Settings

@Suite("A run's log", .temporaryDirectory)
struct RunLogTests {
  private let path = "\(TemporaryDirectory.path)/log"

  private func log() -> RunLog {
    var settings = LogSettings()
    settings.isOn = true
    settings.consoleLevel = nil
    settings.filePath = path
    return RunLog(settings, "job", InstanceID(createdAt: 1), StderrReporter(.ofTest))
  }

  private func names() throws -> [Substring] {
    try Files.lines(path).map { line in
      let name = try #require(line.firstMatch(of: #/(?:new_state|plugin)=\[([^\]]*)\]/#))
      return name.output.1
    }
  }

  @Test func `is written at once until it has a thread, and to the end when that ends`() throws {
    let log = log()
    log.entered(.created)
    try expect(names(), is: ["CREATED"])
    log.start()
    log.entered(.running)
    log.entered(.running)
    log.plugin("plugin_failed", "p", "")
    log.entered(.completed)
    log.finish()
    try expect(names(), is: ["CREATED", "RUNNING", "p", "COMPLETED"])
    // Nothing is lost that comes behind the end.
    log.plugin("plugin_failed", "q", "")
    try expect(names().last, is: "q")
  }

  @Test(arguments: [false, true])
  func `has the lines of many threads, each once and in its order`(hasThread: Bool) throws {
    let log = log()
    if hasThread { log.start() }
    let ended = Monitor(0)
    for worker in 0..<4 {
      _ = try WorkerThread {
        for number in 0..<100 { log.plugin("plugin_failed", "\(worker) \(number)", "") }
        ended.change { $0 += 1 }
      }
    }
    ended.wait { $0 == 4 ? () : nil }
    log.finish()
    let names = try names()
    #expect(names.count == 400)
    for worker in 0..<4 {
      #expect(
        names.filter { $0.hasPrefix("\(worker) ") } == (0..<100).map { "\(worker) \($0)" })
    }
  }

  @Test func `without a file or syslog comes to an end too`() {
    var settings = LogSettings()
    settings.isOn = true
    settings.consoleLevel = nil
    settings.fileLevel = nil
    let log = RunLog(settings, "job", InstanceID(createdAt: 1), StderrReporter(.ofTest))
    log.start()
    log.entered(.created)
    log.finish()
    #expect(!Files.exists(path))
  }
}
