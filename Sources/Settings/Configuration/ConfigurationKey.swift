/// A key of the configuration: what it is called, what it accepts, and which value of the model it sets.
struct ConfigurationKey: Sendable {
  enum Effect: Sendable {
    case full
    /// Accepted for the original's files, where it had none either.
    case none
  }

  /// `log.file.level`.
  let path: String
  /// The key that this one is another name for.
  let synonym: String?
  let effect: Effect
  let accepted: String
  let read: @Sendable (YAMLNode, UserEnvironment, inout Configuration) throws(Refusal) -> Void
  /// The value in force, as a file or `--set` may have it.
  let text: @Sendable (Configuration) -> String

  init<Value: Sendable>(
    _ path: String, _ target: any WritableKeyPath<Configuration, Value> & Sendable,
    _ kind: ConfigurationValue<Value>, effect: Effect = .full, synonym: String? = nil
  ) {
    self.path = path
    self.synonym = synonym
    self.effect = effect
    accepted = kind.accepted
    read = { node, surroundings, configuration throws(Refusal) in
      configuration[keyPath: target] = try kind.read(node, surroundings)
    }
    text = { kind.text($0[keyPath: target]) }
  }

  private init(
    _ path: String, accepted: String, effect: Effect,
    read: @escaping @Sendable (YAMLNode, inout Configuration) throws(Refusal) -> Void,
    text: @escaping @Sendable (Configuration) -> String
  ) {
    self.path = path
    synonym = nil
    self.effect = effect
    self.accepted = accepted
    self.read = { node, _, configuration throws(Refusal) in try read(node, &configuration) }
    self.text = text
  }
}

extension ConfigurationKey {
  /// All keys, in the order in which they are shown.
  static let all: [ConfigurationKey] = [
    ConfigurationKey("ledger.directory", \.ledgerDirectory, .path),
    ConfigurationKey("ledger.file_system", \.ledgerFileSystem, .fileSystem),
    ConfigurationKey("log.mode", \.log.isOn, .logMode),
    ConfigurationKey("log.stdout.level", \.log.consoleLevel, .optional(.level)),
    ConfigurationKey("log.file.level", \.log.fileLevel, .optional(.level)),
    ConfigurationKey("log.file.path", \.log.filePath, .path),
    ConfigurationKey("log.syslog.level", \.log.syslogLevel, .optional(.level)),
    ConfigurationKey("exec.record_env", \.recordedVariables, .variables),
    ConfigurationKey("output.overflow", \.output.overflow, .overflow),
    ConfigurationKey("output.drain", \.output.drain, .duration),
    ConfigurationKey("output.split", \.output.split, .split),
    ConfigurationKey(
      "termination.kill_after", \.termination.killAfter, .optional(.duration)),
    ConfigurationKey("termination.with_taro", \.termination.diesWithTaro, .killOrOff),
    ConfigurationKey("retention.max_age", \.retention.maxAge, .optional(.age)),
    ConfigurationKey("retention.max_size", \.retention.maxBytes, .optional(.size)),
    ConfigurationKey("retention.max_records", \.retention.maxRecords, .limit),
    ConfigurationKey(
      "retention.max_records_per_job", \.retention.maxRecordsPerJob, .limit),
    ConfigurationKey(
      "retention.keep_failed", \.retention.keepFailed, .optional(.count)),
    ConfigurationKey("persistence.enabled", \.retention.keepsRuns, .toggle),
    ConfigurationKey(
      "persistence.max_age", \.retention.maxAge, .optional(.age),
      synonym: "retention.max_age"),
    ConfigurationKey(
      "persistence.max_records", \.retention.maxRecords, .limit,
      synonym: "retention.max_records"),
    .fixed(
      "persistence.type", to: "sqlite", accepted: "sqlite", reason: "the ledger is a SQLite file"),
    .fixed(
      "persistence.database", to: "", accepted: "nothing",
      reason: "runs are kept in a ledger; say which directory with ledger.directory"),
    ConfigurationKey("plugins", \.plugins.names, .names),
    ConfigurationKey("plugin_directory", \.plugins.directory, .path),
    ConfigurationKey("plugin_timeout", \.plugins.timeout, .duration),
    .pluginSettings,
    .fixed("default_action", to: nil, accepted: "a single value", reason: ""),
  ]

  static let byPath = Dictionary(uniqueKeysWithValues: all.map { ($0.path, $0) })

  /// The names that have keys below them: `log`, `log.file`.
  static let sections = Set(
    all.flatMap { key in
      let parts = key.path.split(separator: ".")
      return (1..<max(parts.count, 1)).map { parts[..<$0].joined(separator: ".") }
    })

  /// The key of a name as `--set` has it: `log.file.path`, or `log_file_path` as in the original.
  static func named(_ name: String) -> ConfigurationKey? {
    byPath[name] ?? all.first { $0.path.replacing(".", with: "_") == name }
  }

  /// A key of the original's that has one possible value here; nil: whatever it is, it has no effect.
  private static func fixed(
    _ path: String, to only: String?, accepted: String, reason: String
  ) -> ConfigurationKey {
    ConfigurationKey(
      path, accepted: accepted, effect: only == nil ? .none : .full,
      read: { node, _ throws(Refusal) in
        guard case .scalar(let text, _) = node.value else {
          throw Refusal("it is \(node.kindName), not a single value")
        }
        if let only, text != only { throw Refusal(reason) }
      }, text: { _ in only ?? "" })
  }

  private static let pluginSettings = ConfigurationKey(
    "plugin_settings", accepted: "a mapping of plugins' names to mappings", effect: .full,
    read: { node, configuration throws(Refusal) in
      guard case .mapping(let entries) = node.value else {
        throw Refusal("it is \(node.kindName), not a mapping")
      }
      for entry in entries {
        guard case .mapping = entry.value.value else {
          let name = SettingError.quoted(entry.key)
          throw Refusal("\(name) is \(entry.value.kindName), not a mapping")
        }
      }
      // What --set says is added to what a file says.
      let known = YAMLNode(value: .mapping(configuration.plugins.settings), line: node.line)
      guard case .mapping(let merged) = known.merging(node).value else { return }
      configuration.plugins.settings = merged
    },
    text: { YAMLNode(value: .mapping($0.plugins.settings), line: 1).flowText })
}
