import Events
import Testing

@testable import Fleet
@testable import Settings

@Suite struct `The file of hosts` {
  private func book(_ text: String) throws(ConfigurationError) -> HostBook {
    try HostFile.read(ConfigurationFile(path: "/etc/taroc/hosts.yaml", bytes: Array(text.utf8)))
  }

  private func problems(_ text: String) -> [String] {
    do throws(ConfigurationError) {
      _ = try book(text)
      return []
    } catch { return error.problems.map(\.description) }
  }

  @Test func `has hosts, groups, and what holds for all`() throws {
    let book = try book(
      """
      defaults: {user: ops, parallel: 8, taro: /opt/taro}
      hosts:
        web1: {address: 10.0.0.1, port: 22, user: root, ledger: /var/lib/taro, labels: {dc: ams}}
        web2:
        six: {address: "::1"}
        edge: {url: "https://edge.example:8000", token_file: token, ca: /etc/edge.pem}
      groups: {web: [web1, web2, other@web3:2222], none: []}
      """)
    #expect(book.hosts.map(\.name) == ["web1", "web2", "six", "edge", "other@web3:2222"])
    #expect(book.groups == ["web", "none"])
    #expect(book.defaults.parallel == 8)
    let web1 = try #require(book.host(named: "web1"))
    #expect(web1.place == "root@10.0.0.1:22")
    #expect(web1.labels == [JSON.Member("dc", "ams")])
    #expect(web1.groups == ["web"])
    let web2 = book.defaults.applied(to: try #require(book.host(named: "web2")))
    #expect(web2.place == "ops@web2")
    #expect(web2.program == "/opt/taro")
    #expect(book.host(named: "six")?.place == "[::1]")
    guard case .rest(let edge) = book.host(named: "edge")?.way else {
      Issue.record("edge has no url")
      return
    }
    #expect(edge.tokenFile == "/etc/taroc/token")
    #expect(edge.authorities == "/etc/edge.pem")
  }

  @Test func `tells all that is wrong with it, with the lines`() {
    let found = problems(
      """
      default: {}
      defaults: {users: a, port: 70000, user: "-x"}
      hosts:
        "-oProxyCommand=x": {}
        web1: {adress: a}
        web2: {url: "https://a", port: 22}
        web3: {ca: a}
        web4: {ledger: var}
        web5: {taro: "-x"}
        web6: {address: "a b"}
        web7: {labels: [a]}
        web8: {user: "a\\nb"}
      groups: {a: b, "x y": [], c: ["$(id)"]}
      """)
    let lines = found.map { $0.split(separator: ":").dropFirst().first.flatMap { Int($0) } ?? 0 }
    #expect(Set(lines) == [1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13])
    #expect(found.count == 16, "\(found)")
    #expect(problems("[]").count == 1)
    #expect(problems("hosts: [a]").count == 1)
    #expect(problems("hosts: {a: {}, a: {}}").count == 1)
  }

  @Test func `of the original is read too`() throws {
    var book = HostBook()
    try OriginalHostFile.read(
      ConfigurationFile(
        path: "ssh.hosts",
        bytes: Array(
          "# all of them\nbastion\n\n[all]\n  jump:2222 \n[web]\nops@web1\nweb2\n[::1]\n[db]\nweb2\n"
            .utf8)),
      into: &book)
    #expect(book.hosts.map(\.name) == ["bastion", "jump:2222", "ops@web1", "web2", "[::1]"])
    #expect(book.groups == ["web", "db"])
    #expect(book.host(named: "bastion")?.groups == ["web", "db"])
    #expect(book.host(named: "web2")?.groups == ["web", "db"])
    #expect(book.host(named: "[::1]")?.groups == ["web"])
    #expect(throws: ConfigurationError.self) {
      try OriginalHostFile.read(
        ConfigurationFile(path: "ssh.hosts", bytes: Array("-oProxyCommand=x\n".utf8)), into: &book)
    }
  }

  private let known = """
    hosts: {a: {}, b: {}, c: {}}
    groups: {one: [a, b], two: [b, c], none: []}
    """

  @Test func `is selected from by name, group, or all of it`() throws {
    let book = try book(known)
    func names(_ change: (inout HostSelection) -> Void) throws(HostSelection.Refusal) -> [String] {
      var selection = HostSelection()
      change(&selection)
      return try selection.resolve(book).map(\.name)
    }
    #expect(try names { _ in } == ["a", "b", "c"])
    #expect(try names { $0.isAll = true } == ["a", "b", "c"])
    #expect(try names { $0.groups = ["two", "one"] } == ["b", "c", "a"])
    #expect(try names { $0.hosts = ["x@y", "c"] } == ["x@y", "c"])
    #expect(
      try names {
        $0.hosts = ["c", "c"]; $0.groups = ["two"]
      } == ["c", "b"])
    #expect(try names { $0.excluded = ["b"] } == ["a", "c"])
    #expect(try names { $0.excluded = ["[ab]"] } == ["c"])
    #expect(throws: HostSelection.Refusal.unknownGroup("x", known: ["one", "two", "none"])) {
      try names { $0.groups = ["x"] }
    }
    #expect(throws: HostSelection.Refusal.noHosts) { try names { $0.groups = ["none"] } }
    #expect(throws: HostSelection.Refusal.allExcluded) { try names { $0.excluded = ["*"] } }
    #expect(throws: HostSelection.Refusal.unknownExclusion("z")) {
      try names { $0.excluded = ["z"] }
    }
    #expect(throws: HostSelection.Refusal.notNamed) {
      try HostSelection().resolve(book, mustBeNamed: true)
    }
    #expect(throws: HostSelection.Refusal.noHosts) { try HostSelection().resolve(HostBook()) }
  }
}
