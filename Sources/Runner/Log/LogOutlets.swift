internal import Settings

/// The outlets of a run's lines besides stderr: a file, and the host's syslog. Used by one thread at a time.
final class LogOutlets {
  private let settings: LogSettings
  private let reporter: StderrReporter
  private let file: LogFile?
  private let syslog: SystemLog?

  /// Fails where the settings want neither file nor syslog.
  init?(_ settings: LogSettings, _ reporter: StderrReporter) {
    guard settings.isOn, settings.fileLevel != nil || settings.syslogLevel != nil else {
      return nil
    }
    self.settings = settings
    self.reporter = reporter
    file =
      settings.fileLevel == nil
      ? nil
      : LogFile(
        settings.filePath ?? LogLocation.standard(), makesDirectory: settings.filePath == nil)
    syslog = settings.syslogLevel == nil ? nil : SystemLog(reporter.voice.program)
  }

  func write(_ line: LogLine) {
    if let level = settings.fileLevel, line.level >= level {
      if let problem = file?.write(line.text) { reporter.reportOnce(problem, topic: "log file") }
    }
    if let level = settings.syslogLevel, line.level >= level {
      if let problem = syslog?.write(line) { reporter.reportOnce(problem, topic: "syslog") }
    }
  }
}
