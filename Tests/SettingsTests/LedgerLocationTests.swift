import TestSupport
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
      surroundings: UserEnvironment(
        environment: { environment[$0] }, uid: uid, currentDirectory: { currentDirectory },
        homeDirectory: { homeDirectory }, isOwn: { _ in isOwn }))
    #expect(location.isOfHomeless == location.path.hasPrefix(LedgerLocation.sharedDirectory))
    return location.path
  }

  private let everything = [
    "TARO_LEDGER": "/var/one", "XDG_DATA_HOME": "/var/two", "HOME": "/home/ann",
  ]

  @Test func `is the option before all else`() throws {
    try expect(resolve(option: "/data/l", environment: everything, uid: 0), is: "/data/l")
  }

  @Test(arguments: [
    ("l", "/srv/app", "/srv/app/l"), ("./l", "/srv/app", "/srv/app/./l"),
    ("../l", "/srv/app", "/srv/app/../l"), ("l", "/", "/l"),
  ])
  func `is made absolute against the current directory`(
    path: String, current: String, expected: String
  ) throws {
    try expect(resolve(option: path, currentDirectory: current), is: expected)
    try expect(resolve(environment: ["TARO_LEDGER": path], currentDirectory: current), is: expected)
  }

  @Test func `is $TARO_LEDGER, for root too`() throws {
    try expect(resolve(environment: everything), is: "/var/one")
    try expect(resolve(environment: everything, uid: 0), is: "/var/one")
  }

  @Test func `is /var/lib/taro for root`() throws {
    try expect(
      resolve(environment: ["HOME": "/root", "XDG_DATA_HOME": "/d"], uid: 0), is: "/var/lib/taro")
  }

  @Test(arguments: [
    (["XDG_DATA_HOME": "/d", "HOME": "/home/ann"], "/d/taro"),
    (["XDG_DATA_HOME": "/d/", "HOME": "/home/ann"], "/d/taro"),
    (["XDG_DATA_HOME": "relative", "HOME": "/home/ann"], "/home/ann/.local/share/taro"),
    (["HOME": "/home/ann"], "/home/ann/.local/share/taro"),
    (["HOME": "relative"], "/home/db/.local/share/taro"),
    ([:], "/home/db/.local/share/taro"),
  ])
  func `is in the user's data directory`(environment: [String: String], expected: String) throws {
    try expect(resolve(environment: environment, homeDirectory: "/home/db"), is: expected)
  }

  @Test(arguments: [nil, "", "none"])
  func `is one of those that are prepared when there is no home at all`(home: String?) throws {
    try expect(resolve(homeDirectory: home), is: "/var/lib/taro-users/1000")
  }

  @Test
  func `is that too where the home is not the user's to write, but not where one was named`() throws
  {
    let home = ["HOME": "/var/www"]
    try expect(resolve(environment: home, isOwn: false), is: "/var/lib/taro-users/1000")
    try expect(resolve(environment: ["XDG_DATA_HOME": "/d"], isOwn: false)) {
      $0.hasSuffix("/1000")
    }
    try expect(resolve(configured: "/c", environment: home, isOwn: false), is: "/c")
    try expect(resolve(environment: home, uid: 0, isOwn: false), is: "/var/lib/taro")
    try expect(resolve(environment: everything, isOwn: false), is: "/var/one")
  }

  @Test func `is refused when the option is empty`() {
    let error = #expect(throws: SettingError.self) { try resolve(option: "") }
    #expect(
      error?.description == "--ledger \"\": it is empty; give the path of a directory")
  }

  @Test(arguments: ["", "(unreachable)/srv"])
  func `is refused when it is relative to a directory that is gone`(current: String) {
    let error = #expect(throws: SettingError.self) {
      try resolve(environment: ["TARO_LEDGER": "l"], currentDirectory: current)
    }
    #expect(error?.setting == "$TARO_LEDGER")
    #expect(error?.remedy == "give an absolute path")
  }

  @Test
  func `is the configured one after the option and $TARO_LEDGER, before everything else`() throws {
    try expect(resolve(option: "/o", configured: "/c"), is: "/o")
    try expect(resolve(configured: "/c", environment: ["TARO_LEDGER": "/v"]), is: "/v")
    try expect(resolve(configured: "/c", environment: ["XDG_DATA_HOME": "/x"]), is: "/c")
    try expect(resolve(configured: "/c", uid: 0), is: "/c")
  }

  @Test func `comes from this process when nothing is injected`() throws {
    try expect(LedgerLocation.resolve(option: "/data/l", configured: nil).path, is: "/data/l")
    try expect(LedgerLocation.resolve(option: "l", configured: nil).path) { $0.hasSuffix("/l") }
  }
}
