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

  @Test func `every key of the server stands in the documentation, with its default and meaning`()
    throws
  {
    let lines = try Files.lines(Repository.path("docs/configuration.md"))
      .drop { $0 != "## The server's file" }.prefix { $0 != "## Retention" }
    let table = lines.filter { $0.hasPrefix("| `") }
    let wanted = ServerConfiguration.keys.map { key in
      let meaning = key.meaning.prefix(1).lowercased() + key.meaning.dropFirst()
      let byDefault = key.byDefault.isEmpty ? "" : "`\(key.byDefault)` "
      return "| `\(key.path)` | \(byDefault)| \(meaning) |"
    }
    #expect(table == wanted)
  }
}
