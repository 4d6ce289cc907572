import Testing

@testable import Fleet

@Suite struct `An address for ssh` {
  @Test(
    arguments: [
      ("web1", nil, "web1", nil), ("ops@web1:2222", "ops", "web1", 2222),
      ("[::1]", nil, "::1", nil), ("ops@[fe80::1%eth0]:22", "ops", "fe80::1%eth0", 22),
      ("a.b-c_d", nil, "a.b-c_d", nil), ("10.0.0.1:65535", nil, "10.0.0.1", 65535),
    ] as [(String, String?, String, UInt16?)])
  func `is taken apart`(text: String, user: String?, host: String, port: UInt16?) throws {
    let address = try SSHAddress(text)
    #expect(address.user == user)
    #expect(address.host == host)
    #expect(address.port == port)
    #expect(address.description == text)
  }

  @Test(arguments: [
    "", "-oProxyCommand=x", "ops@-x", "-l@web1", "@web1", "ops@", "web1:", "web1:0", "web1:65536",
    "web1:22x", "web1:+22", "we b1", "web1\n", "web1;id", "$(id)", "`id`", "a|b", "a&b", "a'b",
    "a\"b", "a\\b", "a*", "a?", "~a", "a/b", "\u{1b}[2J", "w\u{e9}b", "::1", "[::1", "[::1]22",
    "[-x]", "a@b@-c", "ops\u{202e}@web1", "#a", "a%b", "a=b", "a,b", "{a}", "<a", "!a",
    String(repeating: "a", count: 256),
  ])
  func `that is none is refused with the reason`(text: String) throws {
    let refusal = try #require(throws: SSHAddress.Refusal.self) { try SSHAddress(text) }
    #expect(refusal.text == text)
    #expect(!refusal.reason.isEmpty)
    #expect(refusal.description.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f })
  }
}

@Suite struct `A server's address` {
  @Test(arguments: [
    "https://edge.example:8000", "http://127.0.0.1:8000", "https://[::1]:8000", "https://a/b",
  ])
  func `is a url`(text: String) throws {
    #expect(try RESTAddress(text).url == text)
    #expect(try RESTAddress(text + "/").url == text)
  }

  @Test(arguments: [
    "", "edge", "ftp://edge", "file:///etc/passwd", "https://", "https:///x", "https://a b",
    "https://a?b", "https://user@a", "https://[1-3].example", "https://{a,b}", "https://a\n",
    "https://a#b", "-K/etc/passwd", "https://a[1-3]",
  ])
  func `that is none is refused`(text: String) {
    #expect(throws: SSHAddress.Refusal.self) { try RESTAddress(text) }
  }
}
