/// A line about output that is not there any more.
package enum RemovedOutputText {
  /// - Parameter removedAt: when retention dropped it, microseconds since 1970; nil when all that was recorded is there.
  package static func of(_ removedAt: Int64?) -> String? {
    removedAt.map { "its output was dropped by retention on \(TimeFormat.local($0))" }
  }
}
