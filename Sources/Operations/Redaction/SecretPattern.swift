internal import Events
internal import Maintenance
package import Matching

/// An expression for what is to be made unreadable, found in bytes and in JSON.
package final class SecretPattern {
  let matcher: PlaceMatcher
  private let mark: RedactionMark

  package init(_ expression: String, keepsLength: Bool) throws(RegularExpression.Refusal) {
    matcher = try PlaceMatcher(expression)
    mark = RedactionMark(keepsLength: keepsLength)
  }

  package var keepsLength: Bool { mark.keepsLength }

  /// Line feeds stay as they are: what was found over several lines is as many places.
  /// - Parameter range: of what was found in the bytes.
  static func places(_ range: Range<Int>, in bytes: UnsafeRawBufferPointer) -> [Range<Int>] {
    var places: [Range<Int>] = []
    var start = range.lowerBound
    for index in range where bytes[index] == UInt8(ascii: "\n") {
      if start < index { places.append(start..<index) }
      start = index + 1
    }
    if start < range.upperBound { places.append(start..<range.upperBound) }
    return places
  }

  func isFound(in text: String) throws -> Bool {
    var count: Int64 = 0
    return try redacted(text, &count) != nil
  }

  func replacement(for length: Int) -> [UInt8] { mark.bytes(for: length) }

  /// - Returns: nil where nothing is to be replaced.
  func redacted(_ bytes: [UInt8], _ count: inout Int64) throws -> [UInt8]? {
    var result: [UInt8] = []
    var place = 0
    try bytes.withUnsafeBytes { bytes throws in
      var start = 0
      while let found = try matcher.next(in: bytes, from: start) {
        for part in Self.places(found, in: bytes) {
          result += bytes[place..<part.lowerBound]
          result += mark.bytes(for: part.count)
          place = part.upperBound
          count += 1
        }
        start = found.upperBound
      }
    }
    guard place > 0 else { return nil }
    return result + bytes[place...]
  }

  // MARK: JSON

  /// Members whose text is one of taro's own words, or a key that something is found by.
  private static let untouched: Set<String> = [
    "signal", "via", "boot_id", "request", "idempotency", "umask", "within", "ahead", "split",
    "uncaptured", "version", "type",
  ]

  /// The data of an event, with all texts in it changed that have it; names of members only where they are people's: those of
  /// parameters and of the environment.
  /// - Returns: nil where nothing is to be replaced.
  func redacted(data: JSON, _ count: inout Int64) throws -> JSON? {
    let before = count
    let changed = try redacted(data, isEncoded: false, namesToo: false, &count)
    return count == before ? nil : changed
  }

  private func redacted(
    _ json: JSON, isEncoded: Bool, namesToo: Bool, _ count: inout Int64
  ) throws -> JSON {
    switch json {
    case .null, .bool, .integer, .number: return json
    case .string(let text):
      return .string(try isEncoded ? encoded(text, &count) : redacted(text, &count) ?? text)
    case .array(let items):
      return .array(
        try items.map { try redacted($0, isEncoded: isEncoded, namesToo: namesToo, &count) })
    case .object(let members):
      return .object(
        try members.map { member in
          if Self.untouched.contains(member.key), !namesToo { return member }
          let name = namesToo ? try redacted(member.key, &count) ?? member.key : member.key
          let ofPeople = ["params", "env", "env_base64"].contains(member.key) && !namesToo
          return JSON.Member(
            name,
            try redacted(
              member.value, isEncoded: isEncoded || member.key.hasSuffix("_base64"),
              namesToo: namesToo || ofPeople, &count))
        })
    }
  }

  private func redacted(_ text: String, _ count: inout Int64) throws -> String? {
    try redacted(Array(text.utf8), &count).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Bytes that are no text.
  private func encoded(_ text: String, _ count: inout Int64) throws -> String {
    guard let bytes = Base64.decode(text), let changed = try redacted(bytes, &count) else {
      return text
    }
    return Base64.encode(changed)
  }
}
