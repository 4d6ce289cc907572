import Events
import Glibc
import Ledger
import Linux
import TestSupport
import Testing

@Suite(.temporaryDirectory, .enabled(if: TestHost.hasOpenSSL, "needs openssl"))
struct TLSTests {
  private func start(
    _ taro: TaroProgram, address: String = "127.0.0.1:0"
  ) throws -> TarosProgram {
    try TarosProgram(
      taro, "--set", "tls.certificate=\(taro.certificate)", "--set",
      "tls.key=\(taro.certificateKey)",
      address: address)
  }

  /// What openssl says of a connection, and what comes over it.
  private func ask(
    _ taro: TaroProgram, _ server: TarosProgram, _ options: String = "", fields: String = ""
  ) throws -> String {
    try taro.shell(
      """
      printf 'GET /ledger HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\(fields)\\r\\n' |
        openssl s_client -ign_eof -connect 127.0.0.1:\(server.port) \(options) 2>&1
      """
    ).text
  }

  @Test func `TLS 1.2 and newer are spoken, older ones are not, nor is what is no TLS`() throws {
    let taro = try TaroProgram()
    try taro.makeCertificate("first")
    let server = try start(taro)
    for version in ["-tls1_2", "-tls1_3"] {
      expect(try ask(taro, server, version)) { $0.contains("HTTP/1.1 200 OK") }
    }
    expect(try ask(taro, server, "-tls1_1 -cipher DEFAULT@SECLEVEL=0")) {
      !$0.contains("HTTP/1.1")
    }
    let plain = try server.connect()
    try plain.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
    expect(try plain.readUntilClosed()) { !String(decoding: $0, as: UTF8.self).contains("200 OK") }
  }

  @Test func `elsewhere than on loopback everybody needs a token`() throws {
    let taro = try TaroProgram()
    try taro.makeCertificate("first")
    mkdir(taro.ledger.path, 0o700)
    let token = try TarosProgram.token(taro, "ops")
    let server = try start(taro, address: "0.0.0.0:0")
    expect(try ask(taro, server)) { $0.contains("HTTP/1.1 401 ") }
    expect(try ask(taro, server, fields: "Authorization: Bearer \(token)\\r\\n")) {
      $0.contains("HTTP/1.1 200 ")
    }
  }

  @Test func `SIGHUP reads the certificate again, and a bad one changes nothing`() throws {
    let taro = try TaroProgram()
    try taro.makeCertificate("first")
    let server = try start(taro)
    expect(try ask(taro, server)) { $0.contains("CN = first") || $0.contains("CN=first") }
    try taro.makeCertificate("second")
    server.process.signal(SIGHUP)
    _ = try server.waitForLog("it was read") {
      $0["message"]?.string?.contains("read again") == true
    }
    expect(try ask(taro, server)) { $0.contains("CN = second") || $0.contains("CN=second") }
    try Files.write(Array("no certificate".utf8), to: "\(taro.certificate)")
    server.process.signal(SIGHUP)
    let line = try server.waitForLog("it was refused") { $0["level"] == "error" }
    expect(line["error"]?.string ?? "") { $0.contains("\(taro.certificate)") }
    expect(try ask(taro, server)) { $0.contains("CN = second") || $0.contains("CN=second") }
    try server.end().expect(code: 0)
  }

  @Test func `a certificate that cannot be used is named at the start`() throws {
    let taro = try TaroProgram()
    try taro.makeCertificate("first")
    let half = try TarosProgram.run(taro, "--set", "tls.key=\(taro.certificateKey)").expect(
      code: EX_CONFIG)
    #expect(half.stderr.contains("tls.certificate"), "\(half)")
    let wrong = try TarosProgram.run(
      taro, "--set", "tls.certificate=\(taro.certificateKey)", "--set",
      "tls.key=\(taro.certificate)"
    ).expect(code: EX_CONFIG)
    #expect(wrong.stderr.contains("\(taro.certificateKey)"), "\(wrong)")
    try taro.shell("cp '\(taro.certificateKey)' '\(taro.root)/other'").expect(code: 0)
    try taro.makeCertificate("second")
    let foreign = try TarosProgram.run(
      taro, "--set", "tls.certificate=\(taro.certificate)", "--set", "tls.key=\(taro.root)/other"
    ).expect(code: EX_CONFIG)
    #expect(foreign.stderr.contains("does not belong"), "\(foreign)")
  }
}
