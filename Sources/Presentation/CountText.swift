/// Numbers of things.
package enum CountText {
  /// `1 event`, `2 events`.
  package static func of(_ number: Int64, _ what: String) -> String {
    number == 1 ? "1 \(what)" : "\(number) \(what)s"
  }
}
