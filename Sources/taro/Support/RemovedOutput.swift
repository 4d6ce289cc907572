internal import Projections

/// Says on stderr that output is not there any more.
enum RemovedOutput {
  static func report(_ record: InstanceRecord) {
    guard let text = text(record.outputRemovedAt) else { return }
    StandardError.say("\(record.name): \(text)")
  }

  /// Nil when all that was recorded is there.
  static func text(_ removedAt: Int64?) -> String? {
    removedAt.map { "its output was dropped by retention on \(TimeFormat.local($0))" }
  }
}
