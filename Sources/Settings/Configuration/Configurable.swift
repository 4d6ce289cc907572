/// A model that a configuration file sets: `taro.yaml`, `taros.yaml`.
package protocol Configurable: Equatable, Sendable {
  /// The defaults.
  init()
  static var fileName: String { get }
  static var table: ConfigurationTable<Self> { get }
  /// The built-in configuration that is no default.
  static var packaged: Self { get }
  static var minimal: Self { get }
}

extension Configurable {
  package static var packaged: Self { Self() }
  package static var minimal: Self { Self() }

  /// Every key with the value in force, as `--set` takes it.
  package var settings: [(key: String, value: String)] {
    Self.table.all.filter { $0.synonym == nil && $0.effect != .none }
      .map { ($0.path, $0.text(self)) }
  }
}

/// All keys of a configuration.
package struct ConfigurationTable<Model: Configurable>: Sendable {
  /// In the order in which they are shown.
  let all: [ConfigurationKey<Model>]
  let byPath: [String: ConfigurationKey<Model>]
  /// The names that have keys below them: `log`, `log.file`.
  let sections: Set<String>

  init(_ all: [ConfigurationKey<Model>]) {
    self.all = all
    byPath = Dictionary(uniqueKeysWithValues: all.map { ($0.path, $0) })
    sections = Set(
      all.flatMap { key in
        let parts = key.path.split(separator: ".")
        return (1..<max(parts.count, 1)).map { parts[..<$0].joined(separator: ".") }
      })
  }

  /// The key of a name as `--set` has it: `log.file.path`, or `log_file_path` as in the original.
  func named(_ name: String) -> ConfigurationKey<Model>? {
    byPath[name] ?? all.first { $0.path.replacing(".", with: "_") == name }
  }
}
