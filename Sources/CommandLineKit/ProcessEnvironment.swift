internal import Linux

package enum ProcessEnvironment {
  /// A variable's value, "" when it is set and empty, nil when it is not set.
  package static func value(_ name: String) -> String? {
    guard Environment.isSet(name) else { return nil }
    return Environment.value(name) ?? ""
  }
}
