internal import CommandLineKit
internal import Presentation
internal import Projections

/// Says on stderr that output is not there any more.
enum RemovedOutput {
  static func report(_ record: InstanceRecord) {
    guard let text = RemovedOutputText.of(record.outputRemovedAt) else { return }
    StandardError.say("\(record.name): \(text)")
  }
}
