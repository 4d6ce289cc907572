/// The program in whose name a runner speaks on stderr, where the job speaks too.
package struct RunnerVoice: Sendable {
  /// Something that a person can do more about than the runner knows.
  package enum Trouble: Sendable {
    /// Output that was kept back could not be given out; it is recorded.
    case keptOutputUnreadable
    case pluginNotFound
    case notesDamaged
    /// A damaged ledger was put aside, and nothing was brought back from it.
    case sealedUnread
  }

  /// The name that stands before each line.
  let program: String
  let version: String
  /// An error with what to do about it.
  let explain: @Sendable (any Error) -> String
  let remedy: @Sendable (Trouble) -> String

  package init(
    program: String, version: String, explain: @escaping @Sendable (any Error) -> String,
    remedy: @escaping @Sendable (Trouble) -> String
  ) {
    self.program = program
    self.version = version
    self.explain = explain
    self.remedy = remedy
  }
}
