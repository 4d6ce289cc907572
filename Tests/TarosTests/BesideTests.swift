import Events
import Glibc
import Ledger
import TestSupport
import Testing

/// Jobs beside a server that is frozen or killed, whatever it was doing: they do not notice.
@Suite(.temporaryDirectory, .enabled(if: TestHost.hasCurl, "needs curl"))
struct BesideTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  /// Asks for what takes the ledger's locks, until it is ended.
  private func startAsking(_ server: TarosProgram) throws -> TaroProcess {
    let url = "http://127.0.0.1:\(server.port)"
    let process = try taro.startShell(
      """
      trap 'kill $listening; wait; exit 0' TERM
      curl -sN \(url)/events?follow >/dev/null & listening=$!
      echo begun
      while :; do
        curl -s -X PUT \(url)/disabled/other \(url)/disabled/another >/dev/null
        curl -s -X DELETE \(url)/disabled/other \(url)/disabled/another >/dev/null
        curl -s '\(url)/instances?include=all' '\(url)/jobs' >/dev/null
      done
      """)
    try expect(process.readLine(), is: "begun")
    return process
  }

  @Test func `frozen again and again`() throws {
    try taro.run("exec", "--id", "first", "true").expect(code: 0)
    let server = try TarosProgram(taro, "--set", "log.level=info")
    let asking = try startAsking(server)
    for round in 0..<10 {
      // Somewhere in what it does.
      try eventually("something has been asked") {
        try taro.events().contains { $0.kind == .jobDisabled }
      }
      server.process.signal(SIGSTOP)
      try server.process.waitUntilStopped()
      let result = try taro.run("exec", "--id", "beside", "sh", "-c", "echo \(round); exit 3")
      result.expect(code: 3, stdout: "\(round)\n")
      try taro.run("ps").expect(code: 0)
      server.process.signal(SIGCONT)
    }
    asking.signal(SIGTERM)
    try asking.finish().expect(code: 0)
    try server.end().expect(code: 0)
    try expectAll(10)
  }

  @Test func `killed again and again`() throws {
    for round in 0..<4 {
      let server = try TarosProgram(taro, "--set", "log.level=info")
      let asking = try startAsking(server)
      let job = try taro.startJob("beside", "read x; exit 3") { $0.stdin = .pipe }
      server.process.signal(SIGKILL)
      _ = try server.process.finish()
      try job.write("go on\n")
      try job.finish().expect(code: 3, stderr: "")
      asking.signal(SIGTERM)
      try asking.finish().expect(code: 0)
      try expectAll(round + 1)
    }
  }

  /// All that ran is recorded, as it ended, and the chain is whole.
  private func expectAll(_ count: Int) throws {
    // A run is spooled when the server was frozen in its turn of the queue; whoever asks next takes it in.
    try taro.run("hist").expect(code: 0)
    let ends = try taro.events(ofJob: "beside").filter(\.kind.isTerminal)
    #expect(ends.count == count)
    #expect(ends.allSatisfy { $0.kind == .state(.failed) && Ending($0.json).exitCode == 3 })
    try expect(taro.firstBrokenLink(), is: nil)
    try taro.run("ledger", "verify").expect(code: 0)
  }
}
