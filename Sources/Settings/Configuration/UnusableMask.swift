extension Configuration {
  /// The expressions of `record.mask` in a configuration that cannot be used for whatever reason: what they hide is not
  /// to be recorded because of a mistake somewhere else in the file.
  /// - Returns: nil where the file may have some that cannot be told.
  package static func mask(
    ofUnusable choice: ConfigurationChoice, settings: [String],
    surroundings: UserEnvironment = .current
  ) -> [String]? {
    guard var configuration = partly(choice, surroundings) else { return nil }
    // What --set says of it stands in place of the file's.
    try? ConfigurationSetting.apply(settings, to: &configuration, surroundings: surroundings)
    return configuration.recordMask
  }

  private static func partly(
    _ choice: ConfigurationChoice, _ surroundings: UserEnvironment
  ) -> Configuration? {
    let lookup = ConfigurationLookup(surroundings)
    let file: ConfigurationFile? =
      switch choice {
      case .packaged, .minimal: nil
      case .file(let path): try? lookup.file(path)
      case .lookup: (try? lookup.find(fileName))?.file
      }
    // Of a file that cannot be read nobody knows that it has any.
    guard let file else { return Configuration() }
    guard let root = try? YAMLReader.root(of: file.bytes) else {
      return String(decoding: file.bytes, as: UTF8.self).contains("mask") ? nil : Configuration()
    }
    var reader = ConfigurationReader<Configuration>(
      over: Configuration(), surroundings: surroundings, place: { "\($0)" })
    reader.read(root)
    // A list that is none, a key with a slip in it.
    let isAboutMask = reader.problems.contains { $0.message.contains("mask") }
    return isAboutMask ? nil : reader.configuration
  }
}
