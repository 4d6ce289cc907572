/// The effect of a key: whether it does anything.
package enum KeyEffect: Sendable {
  case full
  /// Accepted for the original's files, where it had none either.
  case none
}

/// A key of a configuration: what it is called, what it accepts, and which value of the model it sets.
package struct ConfigurationKey<Model: Configurable>: Sendable {
  /// `log.file.level`.
  let path: String
  /// The key that this one is another name for.
  let synonym: String?
  let effect: KeyEffect
  let accepted: String
  let read: @Sendable (YAMLNode, UserEnvironment, inout Model) throws(Refusal) -> Void
  /// The value in force, as a file or `--set` may have it.
  let text: @Sendable (Model) -> String

  init<Value: Sendable>(
    _ path: String, _ target: any WritableKeyPath<Model, Value> & Sendable,
    _ kind: ConfigurationValue<Value>, effect: KeyEffect = .full, synonym: String? = nil
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

  fileprivate init(
    _ path: String, accepted: String, effect: KeyEffect,
    read: @escaping @Sendable (YAMLNode, inout Model) throws(Refusal) -> Void,
    text: @escaping @Sendable (Model) -> String
  ) {
    self.path = path
    synonym = nil
    self.effect = effect
    self.accepted = accepted
    self.read = { node, _, configuration throws(Refusal) in try read(node, &configuration) }
    self.text = text
  }
}

extension Configuration: Configurable {
  package static let fileName = "taro.yaml"
  package static let table = ConfigurationTable(ConfigurationKey.all)
}

extension ConfigurationKey<Configuration> {
  fileprivate static let all: [ConfigurationKey] = [
    ConfigurationKey("ledger.directory", \.ledgerDirectory, .path),
    ConfigurationKey("ledger.file_system", \.ledgerFileSystem, .word),
    ConfigurationKey("log.mode", \.log.isOn, .logMode),
    ConfigurationKey("log.stdout.level", \.log.consoleLevel, .optional(.level)),
    ConfigurationKey("log.file.level", \.log.fileLevel, .optional(.level)),
    ConfigurationKey("log.file.path", \.log.filePath, .path),
    ConfigurationKey("log.syslog.level", \.log.syslogLevel, .optional(.level)),
    ConfigurationKey("exec.record_env", \.recordedVariables, .variables),
    ConfigurationKey("exec.success_codes", \.successCodes, .exitCodes),
    ConfigurationKey("record.mask", \.recordMask, .texts),
    ConfigurationKey("output.overflow", \.output.overflow, .word),
    ConfigurationKey("output.drain", \.output.drain, .duration),
    ConfigurationKey("output.keep", \.output.keep, .optional(.size)),
    ConfigurationKey("output.split", \.output.split, .word),
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
