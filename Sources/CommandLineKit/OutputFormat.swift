internal import ArgumentParser

/// How lists are printed.
package enum OutputFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
  case table
  case json
  case jsonl
}
