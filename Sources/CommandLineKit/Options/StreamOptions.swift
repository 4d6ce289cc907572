internal import ArgumentParser
package import Events

/// The options `--stdout` and `--stderr`; neither, or both, is everything in order of arrival.
package struct StreamOptions: ParsableArguments {
  @Flag(name: .customLong("stdout"), help: "Only what went to stdout.")
  package var stdout = false

  @Flag(name: .customLong("stderr"), help: "Only what went to stderr.")
  package var stderr = false

  package init() {}

  package var only: OutputStream? {
    switch (stdout, stderr) {
    case (true, false): .stdout
    case (false, true): .stderr
    case (true, true), (false, false): nil
    }
  }
}
