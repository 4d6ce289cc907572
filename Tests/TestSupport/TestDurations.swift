internal import Glibc
internal import Linux
internal import Testing

/// How long tests really took, without the time in which they waited for a place; swift-testing tells both together.
enum TestDurations {
  /// Appends a line, seconds and name, to the file that `TARO_TEST_DURATIONS` names.
  static func note(_ test: Test, _ microseconds: Int64) {
    guard let path = Environment.value("TARO_TEST_DURATIONS"),
      let file = try? Descriptor.open(path, O_WRONLY | O_CREAT | O_APPEND, mode: 0o600)
    else { return }
    let name = test.displayName ?? test.name
    let suite = test.id.description.split(separator: "/").first.map(String.init) ?? ""
    let milliseconds = microseconds / 1000
    let line = "\(milliseconds / 1000).\(pad(milliseconds % 1000))\t\(suite): \(name)\n"
    // One write, so that lines of tests that end at the same time stay whole.
    try? RawIO.writeAll(file.fd, line)
  }

  private static func pad(_ number: Int64) -> String {
    String(repeating: "0", count: 3 - "\(number)".utf8.count) + "\(number)"
  }
}
