import Linux
import TestSupport
import Testing

@Suite("What taro is linked with")
struct LinkedLibrariesTests {
  /// Foundation alone takes longer to load than a whole `taro exec true`. What the argument parser brings in,
  /// FoundationEssentials, is the most that is borne.
  @Test(.enabled(if: !BuiltProgram.areShipped, "a static program loads nothing"))
  func `neither Foundation nor its internationalization is loaded at the start`() throws {
    let list = try ChildProcess("/usr/bin/ldd", [try BuiltProgram.path("taro")]).readAll()
    #expect(list.contains("libswiftCore"), "\(list)")
    #expect(!list.contains("libFoundation.so"), "\(list)")
    #expect(!list.contains("FoundationInternationalization"), "\(list)")
    #expect(!list.contains("ICU"), "\(list)")
  }

  @Test(.enabled(if: BuiltProgram.areShipped, "only what is shipped is static"))
  func `what is shipped is one static file`() throws {
    let list = try ChildProcess(
      "/bin/sh", ["-c", "ldd \"$1\" 2>&1 || :", "sh", try BuiltProgram.path("taro")]
    ).readAll()
    #expect(list.contains("not a dynamic executable") || list.contains("statically linked"))
  }

  @Test(arguments: [
    "Ledger", "Linux", "Matching", "PluginSupport", "Projections", "Runner", "Settings", "Spawn",
    "SQLite",
  ])
  func `no module below the program imports Foundation`(module: String) throws {
    let found = try ChildProcess(
      "/bin/grep", ["-rlE", "import Foundation", Repository.path("Sources/\(module)")]
    ).readAll()
    #expect(found.isEmpty, "\(found)")
  }
}
