internal import Events

/// The configuration of taro; each value is the default until a file or `--set` says otherwise. Durations are
/// microseconds, paths absolute.
package struct Configuration: Equatable, Sendable {
  /// The ledger's directory; nil: where `LedgerLocation` finds it.
  package var ledgerDirectory: String?
  package var ledgerFileSystem = LedgerFileSystem.ask
  package var log = LogSettings()
  /// `exec.record_env`.
  package var recordedVariables = RecordedVariables.none
  /// `exec.success_codes`.
  package var successCodes: [JobExitCodes] = []
  /// `record.mask`: regular expressions; whether they are any is asked by whoever uses them.
  package var recordMask: [String] = []
  package var output = OutputSettings()
  package var termination = TerminationSettings()
  package var retention = RetentionSettings()
  package var plugins = PluginSettings()

  package init() {}

  /// The configuration that the original came with: like the defaults, with the log on.
  package static let packaged: Configuration = {
    var configuration = Configuration()
    configuration.log.isOn = true
    return configuration
  }()

  /// Everything off.
  package static let minimal: Configuration = {
    var configuration = Configuration()
    configuration.log.consoleLevel = nil
    configuration.log.fileLevel = nil
    return configuration
  }()
}

/// The severities of the log's lines, as Python's logging has them.
package enum LogLevel: Int, CaseIterable, Sendable, Comparable {
  case debug, info, warning, error, critical

  package static func < (one: LogLevel, other: LogLevel) -> Bool { one.rawValue < other.rawValue }

  /// The word of the configuration.
  var word: String {
    switch self {
    case .debug: "debug"
    case .info: "info"
    case .warning: "warn"
    case .error: "error"
    case .critical: "critical"
    }
  }
}

/// The lines of the log that go to each outlet; a nil level is off.
package struct LogSettings: Equatable, Sendable {
  package var isOn = false
  /// `log.stdout.level`; the lines of `exec` go to stderr, its stdout being the job's.
  package var consoleLevel: LogLevel? = .warning
  package var fileLevel: LogLevel? = .info
  /// The log file; nil: `LogLocation` knows it.
  package var filePath: String?
  package var syslogLevel: LogLevel?

  package init() {}
}

/// The use of the ledger's file system: whether it is this host's alone.
package enum LedgerFileSystem: String, Sendable, CaseIterable {
  /// The kernel tells which one it is.
  case ask = "auto"
  /// Whatever the kernel tells.
  case local
}

/// The variables of a job's environment that the ledger is told.
package enum RecordedVariables: Equatable, Sendable {
  /// Environments hold passwords.
  case none
  case named([String])
  case all
}

/// The exit codes that are no failure of some jobs.
package struct JobExitCodes: Equatable, Sendable {
  /// Patterns of job ids; none: all jobs.
  package var jobs: [String]
  package var codes: [Int64]
}

extension Configuration {
  /// The exit codes that are no failure of that job: those of the first entry that is about it.
  package func successCodes(ofJob job: String) -> [Int64] {
    successCodes.first { entry in
      entry.jobs.isEmpty || entry.jobs.contains { Pattern($0).matches(job: job) }
    }?.codes ?? []
  }
}

/// The reaction to output that the ledger cannot keep up with.
package enum OutputOverflow: String, Sendable, CaseIterable {
  /// The job waits in its own write.
  case wait
  /// Whole chunks go unrecorded, and an `output_gap` event says so.
  case drop
}

/// The rule that says whether a job's stdout and stderr are captured as two streams.
package enum OutputSplit: String, Sendable, CaseIterable {
  /// The streams are two where they go to two places. Where both go to one, the job has one pipe, and their order is
  /// exact.
  case auto
  case always
  /// As `2>&1` does.
  case never
}

package struct OutputSettings: Equatable, Sendable {
  package var overflow = OutputOverflow.wait
  package var split = OutputSplit.auto
  /// The time for which a process that the job left behind may keep its output open.
  package var drain: Int64 = 5_000_000
  /// The bytes of a run's output that are recorded at most; nil: all.
  package var keep: Int64?

  package init() {}
}

package struct TerminationSettings: Equatable, Sendable {
  /// After SIGTERM, until SIGKILL; nil: never.
  package var killAfter: Int64?
  /// `termination.with_taro: kill`.
  package var diesWithTaro = false
}

/// Limits on what is kept of ended instances, and for how long; nil: without limit.
package struct RetentionSettings: Equatable, Sendable {
  /// `persistence.enabled`: false drops a run with the first retention after its end.
  package var keepsRuns = true
  package var maxAge: CalendarDuration?
  package var maxBytes: Int64?
  package var maxRecords: Int?
  package var maxRecordsPerJob: Int?
  /// So many of each job's last failures outlive the other limits.
  package var keepFailed: Int?

  /// True when anything is ever to be dropped.
  package var isLimited: Bool {
    !keepsRuns || maxAge != nil || maxBytes != nil || maxRecords != nil || maxRecordsPerJob != nil
  }
}

package struct PluginSettings: Equatable, Sendable {
  package var names: [String] = []
  package var directory: String?
  /// The time that all of them together may take to end after the run.
  package var timeout: Int64 = 5_000_000
  /// By plugin; each value is a mapping of whatever the plugin understands.
  package var settings: [YAMLNode.Entry] = []

  package init() {}
}
