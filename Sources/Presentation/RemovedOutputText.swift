package import Events

/// A line about output that is not there any more.
package enum RemovedOutputText {
  /// - Parameter removedAt: when retention dropped it; nil when all that was recorded is there.
  package static func of(_ removedAt: WallTime?) -> String? {
    removedAt.map { "its output was dropped by retention on \(TimeFormat.local($0))" }
  }
}
