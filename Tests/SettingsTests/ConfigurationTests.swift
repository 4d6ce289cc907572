import TestSupport
import Testing

@testable import Settings

@Suite("The configuration")
struct ConfigurationTests {
  private static let surroundings = UserEnvironment(
    environment: { ["HOME": "/home/ann"][$0] }, uid: 1000, currentDirectory: { "/" },
    homeDirectory: { nil })

  private func read(_ text: String) throws -> ConfigurationReader<Configuration> {
    var reader = ConfigurationReader(
      over: Configuration(), surroundings: Self.surroundings, place: { "f:\($0)" })
    if let root = try YAMLReader.root(of: Array(text.utf8)) { reader.read(root) }
    return reader
  }

  private func set(_ texts: String...) throws(ConfigurationError) -> Configuration {
    var configuration = Configuration()
    try ConfigurationSetting.apply(
      texts, to: &configuration, surroundings: Self.surroundings)
    return configuration
  }

  private func problems(_ text: String) throws -> [String] {
    try read(text).problems.map(\.description)
  }

  @Test func `reads every key`() throws {
    let reader = try read(
      """
      ledger: {directory: ~/l}
      log:
        mode: enabled
        stdout: {level: OFF}
        file: {level: debug, path: /x.log}
        syslog: {level: critical}
      output: {overflow: drop, drain: 1m30s}
      exec: {record_env: [PATH, LANG]}
      termination: {kill_after: 10}
      retention: {max_age: 30d, max_size: 2G, max_records_per_job: 100, keep_failed: 5}
      persistence: {enabled: no, max_records: -1, type: sqlite, database: ""}
      plugins: mail
      plugin_directory: /p
      plugin_settings: {mail: {to: [me], port: 25}}
      default_action: --help
      """)
    #expect(reader.problems.isEmpty)
    let configuration = reader.configuration
    #expect(configuration.ledgerDirectory == "/home/ann/l")
    #expect(configuration.log.isOn)
    #expect(configuration.log.consoleLevel == nil)
    #expect(configuration.log.fileLevel == .debug)
    #expect(configuration.log.filePath == "/x.log")
    #expect(configuration.log.syslogLevel == .critical)
    #expect(configuration.output.overflow == .drop)
    #expect(configuration.output.drain == 90_000_000)
    #expect(configuration.recordedVariables == .named(["PATH", "LANG"]))
    #expect(configuration.termination.killAfter == 10_000_000)
    #expect(configuration.retention.maxAge?.microseconds == 2_592_000_000_000)
    #expect(configuration.retention.maxBytes == 2 << 30)
    #expect(configuration.retention.maxRecords == nil)
    #expect(configuration.retention.maxRecordsPerJob == 100)
    #expect(configuration.retention.keepFailed == 5)
    #expect(!configuration.retention.keepsRuns)
    #expect(configuration.plugins.names == ["mail"])
    #expect(configuration.plugins.directory == "/p")
    #expect(configuration.plugins.settings.map(\.key) == ["mail"])
    #expect(configuration.plugins.settings.first?.value.flowText == "{to: [me], port: 25}")
  }

  @Test func `names what has no effect`() throws {
    let notes = try read("log: {mode: on}\ndefault_action: ps\n").notes
    #expect(
      notes.map(\.description) == [
        "f:2: default_action has no effect"
      ])
  }

  @Test(arguments: ["", "# nothing", "~", "log:", "log:\n  mode:\n  file: ~\n"])
  func `without content is the defaults`(text: String) throws {
    let reader = try read(text)
    #expect(reader.problems.isEmpty)
    #expect(reader.configuration == Configuration())
  }

  @Test(arguments: [
    ("lgo: {mode: on}", "f:1: unknown key lgo; did you mean log?"),
    ("log: {mdoe: on}", "f:1: unknown key log.mdoe; did you mean log.mode?"),
    (
      "x: 1\nlog:\n  file:\n    paht: /x",
      "f:4: unknown key log.file.paht; did you mean log.file.path?"
    ),
    ("mode: on", "f:1: unknown key mode; did you mean log.mode?"),
    ("log_file_path: /x", "f:1: unknown key log_file_path; did you mean log.file.path?"),
    ("Log: {mode: on}", "f:1: unknown key Log; did you mean log?"),
    ("\"a\\nb\": 1", #"f:1: unknown key a\nb"#),
    (
      "log: on",
      "f:1: log is a single value, not a mapping; its keys are log.mode, log.stdout.level, "
        + "log.file.level, log.file.path, log.syslog.level"
    ),
    ("- log", "f:1: the configuration is a list, not a mapping of keys"),
    (
      "log: {mode: [on]}",
      "f:1: log.mode: it is a list, not a single value; "
        + "accepted: on or off, enabled or disabled"
    ),
    (
      "log:\n  mode: propagate",
      "f:2: log.mode \"propagate\": there is no other logger that lines "
        + "could be passed to; accepted: on or off, enabled or disabled"
    ),
    (
      "log: {file: {level: warning}}",
      "f:1: log.file.level \"warning\": there is no such level; "
        + "accepted: debug, info, warn, error, critical; or off"
    ),
    (
      "log: {file: {path: taro.log}}",
      "f:1: log.file.path \"taro.log\": it is no absolute path; "
        + "accepted: an absolute path, or one that begins with ~/"
    ),
    (
      "output: {drain: 5x}",
      "f:1: output.drain \"5x\": there is no unit \"x\"; "
        + "accepted: 5s, 1m30s, 1h, PT1H, or a number of seconds"
    ),
    (
      "output: {drain: 10000d}",
      "f:1: output.drain \"10000d\": it is longer than a year; "
        + "accepted: 5s, 1m30s, 1h, PT1H, or a number of seconds"
    ),
    (
      "retention: {max_size: 1X}",
      "f:1: retention.max_size \"1X\": there is no unit \"X\"; "
        + "accepted: 500M, 2G, 1.5T, or a number of bytes; or off"
    ),
    (
      "retention: {keep_failed: -2}",
      "f:1: retention.keep_failed \"-2\": it is no such number; "
        + "accepted: 0, 1, 2, ...; or off"
    ),
    (
      "persistence: {type: mysql}",
      "f:1: persistence.type \"mysql\": the ledger is a SQLite file; "
        + "accepted: sqlite"
    ),
    (
      "plugins: [a b]",
      "f:1: plugins: \"a b\" is no name; "
        + "accepted: a name, or a list of names: letters, digits, - and _"
    ),
    (
      "plugin_settings: {a: 1}",
      "f:1: plugin_settings: \"a\" is a single value, not a mapping; "
        + "accepted: a mapping of plugins' names to mappings"
    ),
  ])
  func `names a mistake with its line and what is right`(text: String, message: String) throws {
    try expect(problems(text).last, is: message)
  }

  @Test func `names all mistakes`() throws {
    try expect(problems("a: 1\nb: 2\nlog:\n  mode: maybe\n").count, is: 3)
  }

  @Test func `two names of one setting may not differ`() throws {
    try expect(
      problems("persistence: {max_age: 1D}\nretention: {max_age: 24h}"),
      is: [
        "f:1: persistence.max_age \"1D\": there is no unit \"D\"; "
          + "accepted: 30d, 12h, P1Y, P6M, P30D, PT12H; or off"
      ])
    try expect(problems("persistence: {max_age: p1d}\nretention: {max_age: 24h}")) { $0.isEmpty }
    try expect(
      problems("persistence: {max_records: 5}\nretention: {max_records: 6}"),
      is: [
        "f:2: retention.max_records 6 contradicts persistence.max_records 5 in line 1; "
          + "both are names for the same: leave one out"
      ])
  }

  @Test func `a value for a key is set by its name, or the original's`() throws {
    try expect(set("log.mode=on").log.isOn, is: true)
    try expect(set("log_mode=enabled").log.isOn, is: true)
    try expect(set("log_file_path=/a=b").log.filePath, is: "/a=b")
    try expect(set("log_file_path=/a", "log.file.path=").log.filePath) { $0 == nil }
    try expect(set("persistence_max_records=7").retention.maxRecords, is: 7)
    try expect(set("log.mode=on", "log.mode=off").log.isOn, is: false)
    try expect(set("plugins=[a, b]").plugins.names, is: ["a", "b"])
    let plugins = try set("plugin_settings.mail={to: me, port: 1}", "plugin_settings.mail.port=2")
      .plugins
    #expect(plugins.settings.first?.value.flowText == "{to: me, port: 2}")
  }

  @Test(arguments: [
    ("log.mode", "--set \"log.mode\": there is no KEY=VALUE, for instance log.mode=off"),
    ("=x", "--set \"=x\": there is no KEY=VALUE, for instance log.mode=off"),
    ("lgo.mode=on", "--set: unknown key lgo; did you mean log?"),
    (
      "log=on",
      "--set: log is a single value, not a mapping; its keys are log.mode, "
        + "log.stdout.level, log.file.level, log.file.path, log.syslog.level"
    ),
    (
      "log.mode=",
      "--set: log.mode \"\": there is no such mode; "
        + "accepted: on or off, enabled or disabled"
    ),
    (
      "plugins=[a",
      "--set plugins: while parsing a flow sequence that begins in line 1: "
        + "did not find expected ',' or ']'"
    ),
  ])
  func `what cannot be set is refused`(text: String, message: String) {
    let error = #expect(throws: ConfigurationError.self) { try set(text) }
    #expect(error?.description == message)
  }

  @Test func `every value in force is what --set takes`() throws {
    let settings = try read(
      """
      ledger: {directory: /l}
      log: {mode: on, stdout: {level: off}, file: {path: /f}}
      exec: {record_env: true}
      output: {drain: 1.5s}
      termination: {kill_after: 90}
      retention: {max_age: P1Y2M3DT4H, max_size: 1000, max_records: 3}
      plugins: [a, b]
      plugin_settings: {mail: {to: "x \\"y\\" \\\\ \\n\\e", list: [1, {k: v}]}}
      """)
    #expect(settings.problems.isEmpty)
    let texts = settings.configuration.settings.map { "\($0.key)=\($0.value)" }
    var again = Configuration()
    try ConfigurationSetting.apply(texts, to: &again, surroundings: Self.surroundings)
    #expect(again.settings.map(\.value) == settings.configuration.settings.map(\.value))
    #expect(again.retention == settings.configuration.retention)
    #expect(again.log == settings.configuration.log)
  }

  @Test func `the minimal configuration writes no log even when it is turned on`() throws {
    #expect(Configuration.minimal.log.fileLevel == nil)
    #expect(Configuration.minimal.log.consoleLevel == nil)
    #expect(Configuration.minimal.log.syslogLevel == nil)
    #expect(!Configuration().log.isOn)
  }
}

@Suite("Words that were meant")
struct EditDistanceTests {
  @Test(arguments: [
    ("", "", 0), ("a", "", 1), ("kitten", "sitting", 3), ("mdoe", "mode", 1), ("ab", "ba", 1),
    ("log", "log", 0),
  ])
  func `are as far away as there are slips`(one: String, other: String, distance: Int) {
    #expect(EditDistance.between(one, other) == distance)
    #expect(EditDistance.between(other, one) == distance)
  }

  @Test func `are not guessed from afar`() {
    #expect(EditDistance.nearest(to: "xyz", among: ["log", "output"]) == nil)
    #expect(EditDistance.nearest(to: String(repeating: "x", count: 100_000), among: ["log"]) == nil)
  }
}
