import Glibc
import Linux
import TestSupport
import Testing

@testable import Settings

/// The current directory is the test process's, where no taro.yaml is; the black-box tests change it.
@Suite("The configuration file", .temporaryDirectory)
struct ConfigurationLookupTests {
  private func surroundings(_ environment: [String: String]) -> UserEnvironment {
    UserEnvironment(
      environment: { environment[$0] }, uid: 1000, currentDirectory: { "/nowhere" },
      homeDirectory: { "/home/db" })
  }

  private func directories(_ environment: [String: String]) -> [String] {
    ConfigurationLookup(surroundings(environment)).directories
  }

  @Test(arguments: [
    (["HOME": "/h"], ["/h/.config/taro", "/etc/xdg/taro", "/etc/taro"]),
    ([:], ["/home/db/.config/taro", "/etc/xdg/taro", "/etc/taro"]),
    (["HOME": "/h", "XDG_CONFIG_HOME": "/x/"], ["/x/taro", "/etc/xdg/taro", "/etc/taro"]),
    (["HOME": "/h", "XDG_CONFIG_HOME": "x"], ["/h/.config/taro", "/etc/xdg/taro", "/etc/taro"]),
    (
      ["HOME": "/h", "XDG_CONFIG_DIRS": "/a:b::/c"],
      ["/h/.config/taro", "/a/taro", "/c/taro", "/etc/taro"]
    ),
  ])
  func `is looked for where the environment says`(
    environment: [String: String], expected: [String]
  ) {
    #expect(directories(environment) == expected)
  }

  @Test func `is the first that is there`() throws {
    let root = TemporaryDirectory.path
    let lookup = ConfigurationLookup(
      surroundings(["XDG_CONFIG_HOME": "\(root)/one", "XDG_CONFIG_DIRS": "\(root)/two"]))
    try expect(lookup.find("none").file) { $0 == nil }
    for (name, text) in [("two", "2"), ("one", "1")] {
      try expect(
        WholeFile.write(text, to: "\(root)/\(name)/taro/some.yaml", overwrites: true), is: true)
      let file = try #require(try lookup.find("some.yaml").file)
      #expect(file.path == "\(root)/\(name)/taro/some.yaml")
      #expect(file.bytes == Array(text.utf8))
    }
  }

  @Test func `that is named has to be there, and to be a file of bounded size`() throws {
    let root = TemporaryDirectory.path
    let lookup = ConfigurationLookup(surroundings(["HOME": root]))
    func message(_ path: String) -> String? {
      #expect(throws: ConfigurationError.self) { try lookup.file(path) }?.description
    }
    #expect(message("\(root)/none") == "\(root)/none: there is no such file")
    #expect(message(root) == "\(root): it is no file")
    let pipe = "\(root)/pipe"
    #expect(mkfifo(pipe, 0o600) == 0)
    #expect(message(pipe) == "\(pipe): it is no file")
    let large = "\(root)/large"
    try Files.write([UInt8](repeating: 0x23, count: 300_000), to: large)
    #expect(message(large) == "\(large): it is larger than 256K")
    try expect(WholeFile.write("x", to: "\(root)/x", overwrites: false), is: true)
    try expect(WholeFile.write("y", to: "\(root)/x", overwrites: false), is: false)
    try expect(lookup.file("~/x").bytes, is: Array("x".utf8))
    try expect(lookup.file("/dev/null").bytes) { $0.isEmpty }
  }
}
