internal import Glibc

/// A description of this machine by kernel and distribution; nil and "" where they do not say.
package struct Machine: Sendable {
  /// The architecture, `x86_64`.
  package let architecture: String
  /// `Linux 6.1.0-18-amd64`.
  package let kernel: String
  /// The model of the first processor.
  package let processor: String?
  /// Processors that are online.
  package let processors: Int
  package let memoryBytes: Int64?
  /// PRETTY_NAME of os-release(5).
  package let system: String?

  package init() {
    var names = utsname()
    _ = unsafe uname(&names)
    architecture = Self.text(of: &names.machine)
    kernel = "\(Self.text(of: &names.sysname)) \(Self.text(of: &names.release))"
    processor = Self.processorModel
    processors = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    memoryBytes = Self.value(of: "MemTotal", in: "/proc/meminfo")
      .flatMap { $0.split(separator: " ").first }.flatMap { Int64($0) }.map { $0 * 1024 }
    system =
      Self.value(of: "PRETTY_NAME", in: "/etc/os-release", separator: "=")
      ?? Self.value(of: "PRETTY_NAME", in: "/usr/lib/os-release", separator: "=")
  }

  /// machine-id(5), the same for the life of an installation; "" where there is none.
  package static var id: String {
    let bytes = RawIO.contents(of: "/etc/machine-id", limit: 64) ?? []
    return String(decoding: bytes.prefix { $0 != 0x0a && $0 != 0x20 }, as: UTF8.self)
  }

  /// x86 says "model name"; arm64 names no model.
  private static var processorModel: String? { value(of: "model name", in: "/proc/cpuinfo") }

  /// The first `key: value` of a file, without quotes.
  private static func value(
    of key: String, in path: String, separator: Character = ":"
  ) -> String? {
    guard let bytes = RawIO.contents(of: path) else { return nil }
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
      let parts = line.split(separator: separator, maxSplits: 1)
      guard parts.count == 2, trimmed(parts[0]) == key else { continue }
      return String(trimmed(parts[1]))
    }
    return nil
  }

  private static func trimmed(_ text: Substring) -> Substring {
    let isEdge = { (character: Character) in character.isWhitespace || character == "\"" }
    let start = text.drop(while: isEdge)
    guard let last = start.lastIndex(where: { !isEdge($0) }) else { return "" }
    return start[...last]
  }

  /// A field of utsname: an array of C, a tuple to Swift.
  private static func text<Field>(of field: inout Field) -> String {
    unsafe withUnsafeBytes(of: &field) {
      unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}
