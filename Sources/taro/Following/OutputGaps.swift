internal import ArgumentParser
internal import CommandLineKit
internal import Events

/// The parts of an output that could not be given, each as it is found.
struct OutputGaps {
  private var damaged: [Seq] = []
  private(set) var isDropped = false

  mutating func noteDamaged(_ seq: Seq) { damaged.append(seq) }

  /// Says at once what retention has dropped while it was read: who follows it may go on for long.
  /// - Parameters:
  ///   - name: of the instance.
  ///   - bytes: how many were printed before.
  mutating func tellDropped(_ name: String, after bytes: Int64) {
    isDropped = true
    let place = bytes > 0 ? "what comes after the first \(bytes) bytes printed" : "it"
    StandardError.say(
      "\(name): retention has dropped its output while it was read; \(place) is not there, or not wholly"
    )
  }

  /// The exit code is that of a failure when something is missing.
  func end() throws {
    try OutputDamage.report(damaged)
    if isDropped { throw ExitCode(1) }
  }
}
