internal import Projections

/// Says on stderr that output is not there any more.
enum RemovedOutput {
  static func report(_ record: InstanceRecord) {
    guard let text = text(record) else { return }
    StandardError.say("\(record.name): \(text)")
  }

  /// Nil when all that was recorded is there.
  static func text(_ record: InstanceRecord) -> String? {
    record.outputRemovedAt.map { "its output was dropped by retention on \(TimeFormat.local($0))" }
  }
}
