package import Events
internal import Glibc
internal import Ledger
internal import Linux
package import Settings

/// A program that wants to know what happens to runs: an executable `taro-plugin-NAME`.
package struct Plugin: Sendable {
  /// The places where plugins are looked for, in this order.
  package enum Place: String, Sendable {
    case configured = "plugin_directory"
    case library
    case user
    case path = "PATH"
  }

  package let name: String
  /// The program; nil when there is none, or none that is used.
  package let path: String?
  /// The reason why the one that was found is not used.
  package let refusal: String?
  package let place: Place?
  /// The plugin's settings, as the configuration has them under `plugin_settings.NAME`.
  package let settings: JSON

  package init(_ name: String, _ settings: PluginSettings) {
    self.name = name
    self.settings = settings.settings.first { $0.key == name }?.value.json ?? .object([])
    let found = Self.places(settings).lazy.map { ($0, "\($1)/\(Self.prefix)\(name)") }
      .first { Self.isExecutable($1) }
    let distrust = found.flatMap { Self.distrust($0.1) }
    refusal = distrust
    place = found?.0
    path = distrust == nil ? found?.1 : nil
  }

  /// It acts as whoever runs the job, so nobody else may have made it: not by a variable that was kept (su, sudo -E)
  /// either.
  private static func distrust(_ path: String) -> String? {
    guard let distrust = PathTrust.distrust(file: path) else { return nil }
    return
      "\(path) is not used: \(distrust.reason(for: path)); change that, or name another place with "
      + "plugin_directory"
  }

  package static let prefix = "taro-plugin-"

  /// Returns the variables that a plugin finds in its environment, besides its settings.
  static func variables(
    job: String, _ instance: InstanceID, _ ledger: LedgerDirectory
  ) -> [[UInt8]] {
    variables(ledger)
      + [
        EnvironmentVariable.job.assigned(job),
        EnvironmentVariable.instance.assigned(instance.text),
      ].map { Array($0.utf8) }
  }

  /// The same where there is no run.
  static func variables(_ ledger: LedgerDirectory) -> [[UInt8]] {
    [
      EnvironmentVariable.program.assigned(
        Host.programPath ?? String(decoding: ProgramArguments.bytes(0), as: UTF8.self)),
      EnvironmentVariable.ledger.assigned(ledger.path),
    ].map { Array($0.utf8) }
  }

  /// Directories to look in. Beside this program too, where `make install` puts what comes with it.
  package static func places(_ settings: PluginSettings) -> [(Place, String)] {
    var places: [(Place, String)] = []
    if let directory = settings.directory { places.append((.configured, directory)) }
    // PREFIX of PREFIX/bin/taro.
    let prefix = (Host.programPath ?? String(decoding: ProgramArguments.bytes(0), as: UTF8.self))
      .split(separator: "/").dropLast(2).joined(separator: "/")
    if !prefix.isEmpty, prefix != "usr" {
      places.append((.library, "/\(prefix)/lib/taro/plugins"))
    }
    places.append((.library, "/usr/lib/taro/plugins"))
    if let data = DataLocation.user() { places.append((.user, "\(data)/taro/plugins")) }
    for directory in (Environment.value("PATH") ?? "").split(separator: ":")
    where directory.hasPrefix("/") {
      places.append((.path, String(directory)))
    }
    return places
  }

  private static func isExecutable(_ path: String) -> Bool {
    var info = stat()
    return stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
  }
}

extension YAMLNode {
  /// As a program gets it: plain words that look like numbers, true, false or nothing are that, the rest is text.
  var json: JSON {
    switch value {
    case .sequence(let items): .array(items.map(\.json))
    case .mapping(let entries): .object(entries.map { JSON.Member($0.key, $0.value.json) })
    case .scalar(let text, isPlain: false): .string(text)
    case .scalar(let text, isPlain: true):
      if isNull {
        .null
      } else if ["true", "false"].contains(text) {
        .bool(text == "true")
      } else if let number = Int64(text) {
        .integer(number)
      } else {
        .string(text)
      }
    }
  }
}
