/// A form in which runs are written down for other programs.
package enum ExportFormat: String, CaseIterable, Sendable {
  /// Their events, one document a line.
  case jsonl
  /// A row a run.
  case csv
  /// The output of one run with its timing, for asciinema 3.0 and later, and for those before.
  case asciicast
  case asciicastV2 = "asciicast-v2"
  /// Their events as a JSON batch of CloudEvents 1.0.
  case cloudevents
  /// Spans and log records of OpenTelemetry, a message a line.
  case otlpJSON = "otlp-json"
  /// A suite a job, for what shows test results.
  case junit

  /// It is of one run alone.
  package var isOfOneRun: Bool { self == .asciicast || self == .asciicastV2 }

  /// It tells of events, whether the run has ended or not.
  package var isOfEvents: Bool { self == .jsonl || self == .cloudevents }
}
