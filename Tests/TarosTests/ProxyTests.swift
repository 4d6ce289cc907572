import Events
import Glibc
import Ledger
import TestSupport
import Testing

/// Behind nginx as Debian has it, which keeps back what it is not told to pass on.
@Suite(
  .temporaryDirectory, .enabled(if: TestHost.hasNginx, "needs what Tests/unpacked.sh unpacks"))
struct ProxyTests {
  private let taro: TaroProgram
  private let server: TarosProgram
  private let fields: [String: String]
  private let nginx: TaroProcess

  /// nginx's workers are another user's: it needs a token, as docs/rest.md says. It listens on a unix socket, since
  /// nobody can tell it to take a port that is free.
  init() throws {
    taro = try TaroProgram()
    try taro.run("exec", "--id", "first", "true").expect(code: 0)
    fields = TarosProgram.bearer(try TarosProgram.token(taro, "proxy", "control"))
    server = try TarosProgram(taro)
    let place = taro.root
    try Files.write(
      Array(
        """
        daemon off;
        pid \(place)/pid;
        error_log stderr;
        worker_processes 1;
        events {}
        http {
          access_log off;
          client_body_temp_path \(place)/body;
          proxy_temp_path \(place)/proxy;
          fastcgi_temp_path \(place)/fastcgi;
          uwsgi_temp_path \(place)/uwsgi;
          scgi_temp_path \(place)/scgi;
          server {
            listen unix:\(place)/nginx.sock;
            location / {
              proxy_pass http://127.0.0.1:\(server.port);
              proxy_http_version 1.1;
              proxy_set_header Connection "";
              proxy_set_header Host localhost;
            }
          }
        }

        """.utf8), to: "\(place)/nginx.conf")
    nginx = try taro.startShell(
      "exec '\(TestHost.nginx)' -c '\(place)/nginx.conf' -e stderr")
    try eventually("nginx listens") { (try? connect()) != nil }
  }

  private func connect() throws -> HTTPClient { try HTTPClient(.unix("\(taro.root)/nginx.sock")) }

  @Test func `events come when they happen, and a client that comes back goes on`() throws {
    let first = try #require(try taro.events().last).seq
    let stream = try EventStream(connect(), "/events?after=\(first)", fields)
    var seen: [Seq] = []
    // Each is there before the next one happens.
    for job in ["a", "b", "c"] {
      try taro.run("exec", "--id", job, "true").expect(code: 0)
      let last = try #require(try taro.events().last).seq
      while seen.last != last { seen.append(try stream.next().id) }
    }
    let resumed = try EventStream(
      connect(), "/events", fields.merging(["Last-Event-ID": "\(first + 2)"]) { $1 })
    try expect(resumed.next().id, is: first + 3)
    let all = try taro.events().map(\.seq).filter { $0 > first }
    #expect(seen == all)
    try end()
  }

  @Test func `what follows as JSON Lines is not kept back either, and lists and requests pass`()
    throws
  {
    let client = try connect()
    let authorization = try #require(fields["Authorization"])
    try client.send(
      "GET /events?follow HTTP/1.1\r\nHost: localhost\r\nAuthorization: \(authorization)\r\n\r\n")
    try client.readHead().expect(200)
    var lines = 0
    for job in ["a", "b"] {
      try taro.run("exec", "--id", job, "true").expect(code: 0)
      let count = try taro.events().count
      while lines < count { lines += try client.readChunk().count { $0 == 10 } }
      #expect(lines == count)
    }
    try connect().ask("GET", "/instances?include=all", fields).expect(200)
    let put = try connect().ask("PUT", "/disabled/x%2Fy", fields)
    #expect(put.status == 202, "\(put)")
    try connect().ask("GET", "/disabled/x%2Fy", fields).expect(200)
    try connect().ask("GET", "/instances").expectProblem(401)
    try end()
  }

  private func end() throws {
    nginx.signal(SIGTERM)
    try server.end().expect(code: 0)
    try nginx.finish().expect(code: 0)
  }
}
