/// Sizes as people type them, and back: `500M`, `2GiB`, `1.5G`; units are powers of 1024, a bare number is bytes.
package enum ByteSize {
  private static let units: [(name: String, bytes: Int64)] = [
    ("T", 1 << 40), ("G", 1 << 30), ("M", 1 << 20), ("K", 1 << 10),
  ]

  /// The bytes of the value of an option.
  package static func bytes(_ text: String, of option: String) throws(SettingError) -> Int64 {
    do throws(Refusal) { return try bytes(text) } catch {
      throw SettingError(
        setting: option, text: text, reason: error.reason, remedy: "for instance 10M, 1.5G, 65536")
    }
  }

  static func bytes(_ text: String) throws(Refusal) -> Int64 {
    guard text.utf8.count < 20 else { throw Refusal("it is too large") }
    var scanner = AsciiScanner(text)
    let amount = try DecimalAmount(&scanner, subject: "a number")
    var unit = scanner.remainder.uppercased()
    if unit.hasSuffix("IB") { unit.removeLast(2) } else if unit.hasSuffix("B") { unit.removeLast() }
    let known = units.first { $0.name == unit }?.bytes
    guard let bytes = unit.isEmpty ? 1 : known else {
      throw Refusal("there is no unit \(SettingError.quoted(scanner.remainder))")
    }
    guard let result = Int64(exactly: amount.scaled(by: bytes)) else {
      throw Refusal("it is too large")
    }
    return result
  }

  package static func text(_ bytes: Int64) -> String {
    guard bytes > 0, let unit = units.first(where: { bytes.isMultiple(of: $0.bytes) }) else {
      return "\(bytes)"
    }
    return "\(bytes / unit.bytes)\(unit.name)"
  }
}
