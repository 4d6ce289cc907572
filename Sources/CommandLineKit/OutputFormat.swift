internal import ArgumentParser

/// How lists are printed.
package enum OutputFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
  case table
  case json
  case jsonl
}

/// How one thing is printed.
package enum ReportFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
  case text
  case json
}

/// How events are printed.
package enum EventFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
  case text
  case jsonl
}
