package import Matching

/// The warnings that somebody wants of a run while it goes on.
package struct WatchSettings: Sendable {
  package struct Delay: Sendable {
    /// As it was typed.
    package let text: String
    package let microseconds: Int64

    package init(text: String, microseconds: Int64) {
      self.text = text
      self.microseconds = microseconds
    }
  }

  /// Warn once a run has taken so long.
  package var times: [Delay] = []
  /// Warn of lines that match.
  package var outputs: [RegularExpression] = []
  /// Warn each time there was no output for so long.
  package var silences: [Delay] = []
  /// Finds in the last line how far the job is; nil recognises what is commonly printed.
  package var progress: RegularExpression?

  package init() {}
}
