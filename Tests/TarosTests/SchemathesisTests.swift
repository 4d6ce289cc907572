import Events
import Glibc
import Ledger
import Linux
import TestSupport
import Testing

/// The server answers as `schema/openapi.json` says: schemathesis (Tests/rest) asks it all that is described, and much
/// that is not.
@Suite(
  .temporaryDirectory, .enabled(if: TestHost.hasOpenSSL, "needs openssl"),
  .enabled(if: TestHost.hasPython, "needs python3 with venv"))
struct SchemathesisTests {
  /// What the script allows itself twice, and the environment that it may have to make; an idle machine needs 30.
  private static let seconds: Int64 = 600

  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  /// Jobs of each kind, and one that is started again whenever it was ended: asking ends it often.
  private func startJobs() throws -> TaroProcess {
    try taro.run("exec", "--id", "backup", "--param", "tape=4", "echo", "out").expect(code: 0)
    _ = try taro.run("exec", "--id", "backup", "sh", "-c", "echo bad >&2; exit 3")
    try taro.run("disable", "off*", "--reason", "a test").expect(code: 0)
    _ = try taro.run("exec", "--id", "off/1", "true")
    // Whatever becomes of the shell, its jobs end with it.
    return try taro.startShell(
      """
      trap 'kill -KILL $victim $waiting; wait; exit 0' TERM
      start() { setpriv --pdeathsig KILL "$TARO" exec --die-with-taro "$@" >/dev/null 2>&1 & }
      start --id waits --pending go true; waiting=$!
      echo begun
      while :; do
        start --id victim sh -c 'echo ready; exec sleep 1000'; victim=$!
        wait $victim
        sleep 0.05
      done
      """
    ) { $0.deadline = Self.seconds }
  }

  @Test func `as openapi.json says, for who reads and for who changes`() throws {
    try taro.makeCertificate("localhost")
    let jobs = try startJobs()
    expect(try jobs.readLine(), is: "begun")
    let token = try TarosProgram.token(taro, "all", "control")
    // Elsewhere than on loopback everybody needs the token, so that it is tried who comes without.
    let server = try TarosProgram(
      taro, "--set", "tls.certificate=\(taro.certificate)", "--set",
      "tls.key=\(taro.certificateKey)", "--set", "limits.requests=1000000", "--set",
      "limits.burst=1000000", "--set", "log.level=info", address: "all:0"
    ) { $0.deadline = Self.seconds }
    let asking = try taro.startShell(
      "exec '\(Repository.path("Tests/rest/schemathesis.sh"))' https://localhost:\(server.port)"
    ) { setup in
      setup.deadline = Self.seconds
      setup.environment = [
        "TARO_TOKEN": token, "TARO_TLS_VERIFY": taro.certificate, "TARO_INSTANCE": "victim",
        "TARO_JOB": "victim", "TMPDIR": taro.root,
      ]
      if let seed = Environment.value("TARO_SEED") { setup.environment["TARO_SEED"] = seed }
    }
    let result = try asking.finish()
    let found = result.lines.filter { $0.contains("nothing found") }
    if result.code != 0 || found.count != 2 {
      Issue.record("\(result.stderr)\n\(result.text)")
    }
    jobs.signal(SIGTERM)
    try jobs.finish().expect(code: 0)
    try server.end().expect(code: 0)
  }
}
