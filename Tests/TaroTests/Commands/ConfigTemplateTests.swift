import Settings
import TestSupport
import Testing

@testable import taro

@Suite(.temporaryDirectory) struct ConfigTemplateTests {
  private func read(_ text: String) throws -> Configuration {
    let path = "\(TemporaryDirectory.path)/taro.yaml"
    try Files.write(Array(text.utf8), to: path)
    return try LoadedConfiguration(.file(path)).configuration
  }

  @Test func `the file that is made changes nothing`() throws {
    try expect(read(Configuration.template), is: Configuration())
  }

  @Test func `the one that --def-config stands for has the log on`() throws {
    try expect(read(Configuration.packagedText), is: .packaged)
  }
}
