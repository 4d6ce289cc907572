import Settings
import TestSupport
import Testing

@testable import taro

@Suite(.temporaryDirectory) struct ConfigTemplateTests {
  @Test func `the file that is made stands for the built-in configuration`() throws {
    let path = "\(TemporaryDirectory.path)/taro.yaml"
    try Files.write(Array(Configuration.template.utf8), to: path)
    let loaded = try LoadedConfiguration(.file(path))
    #expect(loaded.configuration == .packaged)
  }
}
