internal import HTTPTypes

/// One range of bytes that somebody asks for (RFC 9110, 14.1.2).
enum ByteRange: Equatable, Sendable {
  /// From one byte on, to another one where that is said.
  case from(Int64, last: Int64?)
  case suffix(Int64)

  /// Returns nil where there is none, or more than one, or in another form or unit: all of it is answered then.
  init?(_ headers: HTTPFields) {
    // Nobody can say whether it is still the same: there is no validator.
    guard headers[.ifRange] == nil, headers[values: .range].count == 1, let text = headers[.range]
    else { return nil }
    self.init(text)
  }

  init?(_ text: String) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0].lowercased() == "bytes" else { return nil }
    let ends = parts[1].split(separator: "-", omittingEmptySubsequences: false)
    guard ends.count == 2 else { return nil }
    if ends[0].isEmpty {
      guard let count = DigitText.number(ends[1]) else { return nil }
      self = .suffix(count)
      return
    }
    guard let first = DigitText.number(ends[0]) else { return nil }
    guard !ends[1].isEmpty else {
      self = .from(first, last: nil)
      return
    }
    guard let last = DigitText.number(ends[1]), first <= last else { return nil }
    self = .from(first, last: last)
  }

  /// Returns the part of so many bytes that the range names; nil where that is nothing.
  func bytes(of size: Int64) -> Range<Int64>? {
    let range =
      switch self {
      case .from(let first, let last): min(first, size)..<min(last.map { $0 + 1 } ?? size, size)
      case .suffix(let count): max(0, size - count)..<size
      }
    return range.isEmpty ? nil : range
  }
}
