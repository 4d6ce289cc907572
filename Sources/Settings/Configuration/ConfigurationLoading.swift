/// The configuration that somebody asks for.
package enum ConfigurationChoice: Equatable, Sendable {
  /// The first file that is found, else the defaults.
  case lookup
  /// `-C`.
  case file(String)
  /// `--def-config`.
  case packaged
  /// `--min-config`.
  case minimal
}

/// A configuration, and where it comes from.
package struct Loaded<Model: Configurable>: Sendable {
  package var configuration: Model
  /// The file that was read, if one was.
  package var path: String?
  /// Files that are there and were passed over.
  package var skipped: [SkippedFile] = []
  /// The wishes of the file that cannot be fulfilled.
  package var notes: [ConfigurationProblem] = []

  /// - Throws: what is wrong with the file, all of it at once.
  package init(
    _ choice: ConfigurationChoice, surroundings: UserEnvironment = .current
  ) throws(ConfigurationError) {
    let lookup = ConfigurationLookup(surroundings)
    configuration = Model()
    switch choice {
    case .packaged: configuration = .packaged
    case .minimal: configuration = .minimal
    case .file(let path): try read(try lookup.file(path), surroundings)
    case .lookup:
      let found = try lookup.find(Self.fileName)
      skipped = found.skipped
      if let file = found.file { try read(file, surroundings) }
    }
  }

  package static var fileName: String { Model.fileName }

  private mutating func read(
    _ file: ConfigurationFile, _ surroundings: UserEnvironment
  ) throws(ConfigurationError) {
    path = file.path
    var reader = ConfigurationReader<Model>(
      over: configuration, surroundings: surroundings, place: { "\(file.path):\($0)" })
    do throws(YAMLError) {
      if let root = try YAMLReader.root(of: file.bytes) { reader.read(root) }
    } catch {
      throw ConfigurationError("\(file.path):\(error.line)", error.reason)
    }
    guard reader.problems.isEmpty else { throw ConfigurationError(reader.problems) }
    configuration = reader.configuration
    notes = reader.notes
  }
}

package typealias LoadedConfiguration = Loaded<Configuration>
