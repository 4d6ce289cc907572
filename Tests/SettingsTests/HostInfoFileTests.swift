import TestSupport
import Testing

@testable import Settings

@Suite("The file hostinfo")
struct HostInfoFileTests {
  private func read(_ text: String) throws(ConfigurationError) -> HostInfoFile {
    try HostInfoFile(ConfigurationFile(path: "h", bytes: Array(text.utf8)))
  }

  @Test func `has constants in the case and order in which they are written`() throws {
    let info = try read(
      "# mine\n[const]\nRole = db = x\n\n; more\n  site: Prague  \nempty=\n[ec2]\nx=region\ny\n")
    #expect(info.constants.map(\.name) == ["Role", "site", "empty"])
    #expect(info.constants.map(\.value) == ["db = x", "Prague", ""])
    #expect(info.otherSections == ["ec2"])
  }

  @Test func `may be empty`() throws {
    try expect(read("").constants) { $0.isEmpty }
    try expect(read("\r\n# x\r\n[const]\r\na=b\r\n").constants.map(\.value), is: ["b"])
  }

  @Test func `is refused with every line that is none`() {
    let error = #expect(throws: ConfigurationError.self) {
      try read("a=b\n[const]\nc=d\nword\n=x\nc=e\n")
    }
    #expect(
      error?.problems.map(\.description) == [
        "h:1: it is in no section; [const] has to come first", "h:4: it is no name=value",
        "h:5: it is no name=value", "h:6: \"c\" is there twice",
      ])
  }
}
