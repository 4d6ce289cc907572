import Events
import Ledger
import TestSupport
import Testing

/// Names and output that others have chosen stay what they are, and act on nobody who reads an answer.
@Suite(.temporaryDirectory) struct ForeignTextTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  private static let names = [
    "<script>alert(1)</script>", "a\nid: 9\ndata: {}\n\n", "\u{1b}[31mred", "a\r\nSet-Cookie: a=b",
    "..", "../../etc/passwd",
    "%2e%2e", "a?b#c&d=e", " ", "\u{202e}txt.exe", "\u{2028}", "\"},{\"job\":\"x", "é", "🏷",
    "a*[b]", "--force",
    String(repeating: "ä", count: 500),
  ]

  /// Text that acts on terminals and browsers, and bytes that are no text.
  private static let output =
    #"printf '\033[2J<script>alert(1)</script>\r\n\n\n\377\376\000data: x\n'"#

  /// No byte of an answer acts on a terminal.
  private func isTame(_ answer: HTTPAnswer) -> Bool {
    answer.body.allSatisfy { $0 >= 0x20 && $0 != 0x7f || $0 == 10 }
      && answer.fields.allSatisfy { field in
        field.value.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.isASCII }
      }
  }

  @Test func `of jobs, in lists, streams and links`() throws {
    for name in Self.names {
      try taro.run("exec", "--id=\(name)", "sh", "-c", Self.output).expect(code: 0)
    }
    let server = try TarosProgram(taro)
    let list = try server.get("/instances?include=all&order=asc").expect(200)
    #expect(list["content-type"] == "application/hal+json")
    #expect(isTame(list))
    let instances = try #require(try list.json()["_embedded"]?["instances"]?.array)
    #expect(instances.compactMap { $0["job"]?.string } == Self.names)
    for (name, instance) in zip(Self.names, instances) {
      let links = try #require(instance["_links"])
      for link in ["self", "jobs", "events"] {
        let href = try #require(links[link]?["href"]?.string)
        let answer = try server.get(href).expect(200)
        #expect(isTame(answer), "\(href)")
        if link != "events" { try expect(answer.json()["job"]?.string, is: name) }
      }
    }
    // Each event is one of the stream.
    let stream = try server.listen()
    for event in try taro.events() {
      let message = try stream.next()
      #expect(message.id == event.seq)
      try expect(message.document()["job"]?.string, is: event.job)
    }
  }

  @Test func `of jobs, in what leads on to the next page`() throws {
    for name in Self.names {
      for _ in 0..<2 { try taro.run("exec", "--id=\(name)", "true").expect(code: 0) }
    }
    let server = try TarosProgram(taro)
    var seen: [String] = []
    var next: String? = "/jobs?limit=1"
    while let target = next {
      let answer = try server.get(target).expect(200)
      #expect(isTame(answer))
      let document = try answer.json()
      seen += (document["_embedded"]?["jobs"]?.array ?? []).compactMap { $0["job"]?.string }
      next = document["_links"]?["next"]?["href"]?.string
      #expect(answer.fields.count { $0.name == "link" } == (next == nil ? 0 : 1))
      if let next { #expect(answer["link"] == "<\(next)>; rel=\"next\"") }
    }
    #expect(seen.sorted() == Self.names.sorted())
  }

  @Test func `of requests: reasons, latches, patterns`() throws {
    let server = try TarosProgram(taro, "--set", "log.level=debug")
    for name in Self.names where name.utf8.count < 200 {
      let path = name.utf8.map { byte in
        let hex = String(byte, radix: 16)
        return "%" + (hex.utf8.count < 2 ? "0" + hex : hex)
      }.joined()
      let body = JSON.object([JSON.Member("reason", .string(name))]).text
      let put = try server.put("/disabled/\(path)", body: body).expect(202)
      #expect(isTame(put), "\(name)")
      let own = try server.get("/disabled/\(path)").expect(200)
      #expect(isTame(own), "\(name)")
      try expect(own.json()["pattern"]?.string, is: name)
      try expect(own.json()["reason"]?.string, is: name)
      let released = try server.post("/latches/\(path)/release").expect(202)
      #expect(isTame(released), "\(name)")
    }
    let patterns = try taro.events().filter { $0.kind == .jobDisabled }.map {
      $0.json["pattern"]?.string
    }
    #expect(patterns == Self.names.filter { $0.utf8.count < 200 })
    // A problem says the name, and no more than that.
    let problem = try server.get("/instances/%1b%5b31m%0d%0aSet-Cookie:%20a").expectProblem(404)
    #expect(isTame(problem))
    let end = try server.end().expect(code: 0)
    #expect(
      end.stderr.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 && $0.value != 0x9b })
  }
}
