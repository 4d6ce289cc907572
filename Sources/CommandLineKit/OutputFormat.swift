internal import ArgumentParser

/// The formats in which lists are printed.
package enum OutputFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
  case table
  case json
  case jsonl
}

/// The formats in which one thing is printed.
package enum ReportFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
  case text
  case json
}

/// The formats in which events are printed.
package enum EventFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
  case text
  case jsonl
}
