extension Configuration {
  /// A key as the manual tells it.
  package struct KeyDescription: Sendable {
    package let path: String
    /// A sentence without its point.
    package let meaning: String
    package let accepted: String
    /// As `--set` takes it; empty where that depends on the user, or is nothing.
    package let byDefault: String

    package init(path: String, meaning: String, accepted: String, byDefault: String) {
      self.path = path
      self.meaning = meaning
      self.accepted = accepted
      self.byDefault = byDefault
    }
  }

  /// All keys, in the order in which they are shown.
  package static var keys: [KeyDescription] {
    table.all.map { key in
      KeyDescription(
        path: key.path, meaning: key.meaning, accepted: key.accepted,
        byDefault: key.synonym == nil ? key.text(Configuration()) : "")
    }
  }
}

extension Configuration {
  /// The settings of retention, and of where that happens, as `--set` takes them, for another process:
  /// `retention.max_age=30d`.
  package var retentionSettings: [String] {
    Self.table.all.filter {
      $0.path.hasPrefix("retention.") || $0.path == "ledger.file_system"
    }
    .map { "\($0.path)=\($0.text(self))" }
  }
}

extension ConfigurationKey<Configuration> {
  /// The purpose of the key; docs/configuration.md has it at more length.
  var meaning: String {
    synonym.map { "Another name for \($0)" } ?? Self.meanings[path] ?? ""
  }

  private static let meanings = [
    "ledger.directory":
      "Where the record is, unless --ledger or TARO_LEDGER says so: /var/lib/taro for root, ~/.local/share/taro for others, /var/lib/taro-users/UID for those without a home directory to write in",
    "ledger.file_system":
      "Whether the ledger's file system is asked for; with local it is used where other hosts could share it, because none does",
    "log.mode": "All logs, on or off",
    "log.stdout.level": "The least severity for the terminal; the lines go to stderr",
    "log.file.level": "The least severity for the log file",
    "log.file.path":
      "The log file: /var/log/taro/taro.log for root, ~/.cache/taro/taro.log for others, unless named here",
    "log.syslog.level": "The least severity for syslog",
    "exec.record_env": "Record the environment of jobs: all of it, or the variables named",
    "exec.success_codes":
      "Exit codes besides 0 that are no failure of jobs whose ids match; the first entry that is about a job counts, and --success-codes goes before it",
    "record.mask":
      "Regular expressions: what matches in a command and its arguments is recorded as ***, as with --mask",
    "output.overflow":
      "When the disk is slower than the output of a job: the job waits, or what cannot be recorded is dropped",
    "output.keep":
      "Record so much of what a run prints, its beginning and its end; --keep-output goes before it",
    "output.split":
      "Two streams for stdout and stderr: auto, where they go to two places; always; never, as 2>&1",
    "output.drain": "How long a process that the job left behind may keep its output open",
    "termination.kill_after":
      "Send SIGKILL when a job has not ended so long after it was asked to",
    "termination.with_taro": "Whether a job is killed when its runner is, or outlives it",
    "retention.max_age": "Drop runs that ended longer ago",
    "retention.max_size":
      "Drop the oldest output, and then the oldest runs, while the ledger is larger",
    "retention.max_records": "Keep so many runs that have ended, the newest",
    "retention.max_records_per_job": "Keep so many runs of each job, the newest",
    "retention.keep_failed": "Keep so many last failures of each job longer",
    "persistence.enabled": "Off drops a run with the first retention after its end",
    "persistence.type": "What holds the record; there is one kind",
    "persistence.database": "Accepted for old files, where it has to be empty",
    "plugins": "The plugins that are told what happens",
    "plugin_directory": "Where plugins are looked for first",
    "plugin_timeout":
      "How long plugins may take after a job's end, before the runner ends without them",
    "plugin_settings": "What each plugin is told",
    "default_action": "Accepted for old files; it has no effect",
  ]
}
