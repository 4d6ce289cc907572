import Settings
import TestSupport
import Testing

@Suite struct ConfigurationKeysTests {
  @Test func `every key has a meaning, and stands in the documentation`() throws {
    let documentation = try Files.text(Repository.path("docs/configuration.md"))
    for key in Configuration.keys {
      #expect(key.meaning.first?.isUppercase == true, "\(key.path)")
      let name = key.path == "plugin_settings" ? "plugin_settings.NAME" : key.path
      #expect(documentation.contains("| `\(name)` |"), "\(key.path)")
    }
  }
}
