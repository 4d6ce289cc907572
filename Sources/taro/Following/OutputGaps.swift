internal import ArgumentParser
internal import CommandLineKit
internal import Events
internal import Presentation

/// The parts of an output that could not be given, each as it is found.
struct OutputGaps {
  private var damaged: [Seq] = []
  private(set) var isDropped = false
  /// It is read as it was at an earlier moment, and may have been dropped at any time since.
  private let isOfThePast: Bool

  init(isOfThePast: Bool = false) { self.isOfThePast = isOfThePast }

  mutating func noteDamaged(_ seq: Seq) { damaged.append(seq) }

  /// Says at once what retention has dropped while it was read: who follows it may go on for long.
  /// - Parameters:
  ///   - name: of the instance.
  ///   - bytes: how many were printed before.
  mutating func tellDropped(_ name: String, after bytes: Int64) {
    isDropped = true
    let place = bytes > 0 ? "what comes after the first \(bytes) bytes printed" : "it"
    StandardError.say(
      "\(name): retention has dropped its output \(isOfThePast ? "since" : "while it was read"); "
        + "\(place) is not there, or not wholly"
    )
  }

  /// Says at once what was passed on and not recorded, where it stood.
  static func tell(_ gap: OutputGap, of name: String) {
    StandardError.say("\(name): \(OutputGapText.of(gap))")
  }

  /// The exit code is that of a failure when something is missing.
  func end() throws {
    try OutputDamage.report(damaged)
    if isDropped { throw ExitCode(1) }
  }
}
