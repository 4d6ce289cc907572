package import Events
package import Settings

/// A job: the command to run, and how to run it.
package struct Job: Sendable {
  package var id: String
  /// argv as raw bytes.
  package var command: [[UInt8]]
  package var params: [JSON.Member] = []
  /// The job keeps stdout and stderr; nothing is captured.
  package var bypassesOutput = false
  package var output = OutputSettings()
  /// In place of what the configuration says of it.
  package var split: OutputSplit?
  package var log = LogSettings()
  package var plugins = PluginSettings()
  package var launch = LaunchSettings()
  package var watch = WatchSettings()
  /// False: the first retention after its end may drop its record.
  package var isKept = true
  /// No run without a record.
  package var requiresLedger = false
  /// The group whose limit this run counts for, if it is another than its job's.
  package var group: String?
  package var gates = Gates()
  /// The time that it may run, microseconds; then it is asked to end: INTERRUPTED.
  package var timeout: Int64?
  /// The time that it may take to end when it was asked to, microseconds; then SIGKILL follows.
  package var killAfter: Int64?
  /// The kernel ends it when taro dies, however that happens.
  package var diesWithTaro = false
  /// Tries after a failure, which ends are failures, and what else is recorded so that it can be asked for again.
  package var options = RunOptions()
  package var mask = RecordMask()
  /// The instance that this one repeats.
  package var rerunOf: String?
  /// The instance that was tried before this one.
  var retryOf: String?
  /// From 1; nil where there is no row of tries.
  var attempt: Int?
  /// The exit code of a run that was told not to run.
  package var skipCode: Int32 = 0
  /// Remarks about how taro was called, for stderr, before the job starts.
  package var remarks: [String] = []

  package init(id: String, command: [[UInt8]]) {
    self.id = id
    self.command = command
  }
}

extension Job {
  /// Names the job without what is not to be recorded, where its command is its name.
  package mutating func maskID() {
    guard !mask.isEmpty, id == JobID.standard(of: command) else { return }
    id = JobID.standard(of: command, mask)
  }

  /// The number of tries that may follow a first one that fails.
  var retries: Int { Int(clamping: options.retries ?? 0) }

  /// Before the second try, microseconds; each further one waits twice as long as the one before.
  var retryDelay: Int64 { options.retryDelay ?? 0 }

  /// Tells whether a failure with that exit code is worth another try.
  func isTried(againAfter code: Int32) -> Bool {
    options.retryOn.isEmpty || options.retryOn.contains(Int64(code))
  }
}
