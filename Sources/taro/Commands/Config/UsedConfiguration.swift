internal import CommandLineKit
internal import Presentation
internal import Settings

extension ConfigurationOptions {
  /// The file that counts, read and not understood; an error when there is none.
  func usedFile() throws -> ConfigurationFile {
    let lookup = ConfigurationLookup()
    if let file { return try lookup.file(file) }
    guard choice == .lookup else { throw Failure("the built-in configuration is no file") }
    let found = try lookup.find(LoadedConfiguration.fileName)
    SkippedFiles.say(found.skipped)
    guard let used = found.file else {
      let places = lookup.directories.map(PrintableText.escaped).joined(separator: ", ")
      throw Failure(
        "no \(LoadedConfiguration.fileName) in the current directory, \(places); "
          + "taro config create makes one")
    }
    return used
  }
}
