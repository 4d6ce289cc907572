import Testing

@testable import Settings

@Suite("The ledger's directory")
struct LedgerLocationTests {
  private func resolve(
    option: String? = nil, configured: String? = nil, environment: [String: String] = [:],
    uid: UInt32 = 1000,
    currentDirectory: String = "/srv/app", homeDirectory: String? = nil, isOwn: Bool = true
  ) throws(SettingError) -> String {
    let location = try LedgerLocation.resolve(
      option: option, configured: configured,
      surroundings: Surroundings(
        environment: { environment[$0] }, uid: uid, currentDirectory: { currentDirectory },
        homeDirectory: { homeDirectory }, isOwn: { _ in isOwn }))
    #expect(location.isOfHomeless == location.path.hasPrefix(LedgerLocation.sharedDirectory))
    return location.path
  }

  private let everything = [
    "TARO_LEDGER": "/var/one", "XDG_DATA_HOME": "/var/two", "HOME": "/home/ann",
  ]

  @Test("is the option before all else")
  func option() throws {
    #expect(try resolve(option: "/data/l", environment: everything, uid: 0) == "/data/l")
  }

  @Test(
    "is made absolute against the current directory",
    arguments: [
      ("l", "/srv/app", "/srv/app/l"), ("./l", "/srv/app", "/srv/app/./l"),
      ("../l", "/srv/app", "/srv/app/../l"), ("l", "/", "/l"),
    ])
  func relative(path: String, current: String, expected: String) throws {
    #expect(try resolve(option: path, currentDirectory: current) == expected)
    #expect(
      try resolve(environment: ["TARO_LEDGER": path], currentDirectory: current) == expected)
  }

  @Test("is $TARO_LEDGER, for root too")
  func variable() throws {
    #expect(try resolve(environment: everything) == "/var/one")
    #expect(try resolve(environment: everything, uid: 0) == "/var/one")
  }

  @Test("is /var/lib/taro for root")
  func root() throws {
    #expect(
      try resolve(environment: ["HOME": "/root", "XDG_DATA_HOME": "/d"], uid: 0)
        == "/var/lib/taro")
  }

  @Test(
    "is in the user's data directory",
    arguments: [
      (["XDG_DATA_HOME": "/d", "HOME": "/home/ann"], "/d/taro"),
      (["XDG_DATA_HOME": "/d/", "HOME": "/home/ann"], "/d/taro"),
      (["XDG_DATA_HOME": "relative", "HOME": "/home/ann"], "/home/ann/.local/share/taro"),
      (["HOME": "/home/ann"], "/home/ann/.local/share/taro"),
      (["HOME": "relative"], "/home/db/.local/share/taro"),
      ([:], "/home/db/.local/share/taro"),
    ])
  func user(environment: [String: String], expected: String) throws {
    #expect(try resolve(environment: environment, homeDirectory: "/home/db") == expected)
  }

  @Test(
    "is one of those that are prepared when there is no home at all", arguments: [nil, "", "none"])
  func nowhere(home: String?) throws {
    #expect(try resolve(homeDirectory: home) == "/var/lib/taro-users/1000")
  }

  @Test("is that too where the home is not the user's to write, but not where one was named")
  func notOwn() throws {
    let home = ["HOME": "/var/www"]
    #expect(try resolve(environment: home, isOwn: false) == "/var/lib/taro-users/1000")
    #expect(try resolve(environment: ["XDG_DATA_HOME": "/d"], isOwn: false).hasSuffix("/1000"))
    #expect(try resolve(configured: "/c", environment: home, isOwn: false) == "/c")
    #expect(try resolve(environment: home, uid: 0, isOwn: false) == "/var/lib/taro")
    #expect(try resolve(environment: everything, isOwn: false) == "/var/one")
  }

  @Test("is refused when the option is empty")
  func empty() {
    let error = #expect(throws: SettingError.self) { try resolve(option: "") }
    #expect(
      error?.description == "--ledger \"\": it is empty; give the path of a directory")
  }

  @Test(
    "is refused when it is relative to a directory that is gone",
    arguments: ["", "(unreachable)/srv"])
  func currentDirectoryGone(current: String) {
    let error = #expect(throws: SettingError.self) {
      try resolve(environment: ["TARO_LEDGER": "l"], currentDirectory: current)
    }
    #expect(error?.setting == "$TARO_LEDGER")
    #expect(error?.remedy == "give an absolute path")
  }

  @Test("is the configured one after the option and $TARO_LEDGER, before everything else")
  func configured() throws {
    #expect(try resolve(option: "/o", configured: "/c") == "/o")
    #expect(try resolve(configured: "/c", environment: ["TARO_LEDGER": "/v"]) == "/v")
    #expect(try resolve(configured: "/c", environment: ["XDG_DATA_HOME": "/x"]) == "/c")
    #expect(try resolve(configured: "/c", uid: 0) == "/c")
  }

  @Test("comes from this process when nothing is injected")
  func thisProcess() throws {
    #expect(try LedgerLocation.resolve(option: "/data/l", configured: nil).path == "/data/l")
    #expect(try LedgerLocation.resolve(option: "l", configured: nil).path.hasSuffix("/l"))
  }
}
