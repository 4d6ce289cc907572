import Events
import Glibc
import Ledger
import Linux
import TestSupport
import Testing

@Suite(.temporaryDirectory, .enabled(if: TestHost.hasOpenSSL, "needs openssl"))
struct TLSTests {
  /// A certificate of its own, and its key.
  private func makeCertificate(_ taro: TaroProgram, _ name: String) throws {
    try taro.shell(
      """
      openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
        -subj "/CN=\(name)" -addext "subjectAltName=DNS:localhost,IP:127.0.0.1" \
        -keyout '\(taro.root)/key.new' -out '\(taro.root)/cert.new' 2>/dev/null &&
      mv '\(taro.root)/key.new' '\(taro.root)/key' && mv '\(taro.root)/cert.new' '\(taro.root)/cert'
      """
    ).expect(code: 0)
  }

  private func start(
    _ taro: TaroProgram, address: String = "127.0.0.1:0"
  ) throws -> TarosProgram {
    try TarosProgram(
      taro, "--set", "tls.certificate=\(taro.root)/cert", "--set", "tls.key=\(taro.root)/key",
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
    try makeCertificate(taro, "first")
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
    try makeCertificate(taro, "first")
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
    try makeCertificate(taro, "first")
    let server = try start(taro)
    expect(try ask(taro, server)) { $0.contains("CN = first") || $0.contains("CN=first") }
    try makeCertificate(taro, "second")
    server.process.signal(SIGHUP)
    _ = try server.waitForLog("it was read") {
      $0["message"]?.string?.contains("read again") == true
    }
    expect(try ask(taro, server)) { $0.contains("CN = second") || $0.contains("CN=second") }
    try Files.write(Array("no certificate".utf8), to: "\(taro.root)/cert")
    server.process.signal(SIGHUP)
    let line = try server.waitForLog("it was refused") { $0["level"] == "error" }
    expect(line["error"]?.string ?? "") { $0.contains("\(taro.root)/cert") }
    expect(try ask(taro, server)) { $0.contains("CN = second") || $0.contains("CN=second") }
    try server.end().expect(code: 0)
  }

  @Test func `a certificate that cannot be used is named at the start`() throws {
    let taro = try TaroProgram()
    try makeCertificate(taro, "first")
    let half = try TarosProgram.run(taro, "--set", "tls.key=\(taro.root)/key").expect(
      code: EX_CONFIG)
    #expect(half.stderr.contains("tls.certificate"), "\(half)")
    let wrong = try TarosProgram.run(
      taro, "--set", "tls.certificate=\(taro.root)/key", "--set", "tls.key=\(taro.root)/cert"
    ).expect(code: EX_CONFIG)
    #expect(wrong.stderr.contains("\(taro.root)/key"), "\(wrong)")
    try taro.shell("cp '\(taro.root)/key' '\(taro.root)/other'").expect(code: 0)
    try makeCertificate(taro, "second")
    let foreign = try TarosProgram.run(
      taro, "--set", "tls.certificate=\(taro.root)/cert", "--set", "tls.key=\(taro.root)/other"
    ).expect(code: EX_CONFIG)
    #expect(foreign.stderr.contains("does not belong"), "\(foreign)")
  }
}
