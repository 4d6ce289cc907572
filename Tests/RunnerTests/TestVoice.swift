@testable import Runner

extension RunnerVoice {
  /// What a runner says in a test.
  static let ofTest = RunnerVoice(
    program: "test", version: "1", explain: { "\($0)" }, remedy: { "\($0)" })
}
