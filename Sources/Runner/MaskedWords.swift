internal import Matching

/// Words of a command as they are recorded: what somebody wants to keep out of the record is replaced.
enum MaskedWords {
  static let replacement = Array("***".utf8)

  /// A word in which an expression takes too long is replaced whole.
  static func of(_ words: [[UInt8]], _ mask: RecordMask) -> [[UInt8]] {
    guard !mask.hidesAll else { return words.map { $0.isEmpty ? [] : replacement } }
    guard !mask.isEmpty else { return words }
    let matchers = mask.expressions.map { try? PlaceMatcher($0.pattern) }
    return words.map { word in
      matchers.reduce(word) { masked($0, $1) }
    }
  }

  static func of(_ word: String, _ mask: RecordMask) -> String {
    of([Array(word.utf8)], mask).map { String(decoding: $0, as: UTF8.self) }.joined()
  }

  private static func masked(_ word: [UInt8], _ matcher: PlaceMatcher?) -> [UInt8] {
    guard let matcher else { return replacement }
    var kept: [UInt8] = []
    var end = 0
    do throws(PlaceMatcher.GaveUp) {
      while let place = try next(matcher, word, from: end) {
        kept += word[end..<place.lowerBound] + replacement
        end = place.upperBound
      }
    } catch { return replacement }
    return kept + word[end...]
  }

  private static func next(
    _ matcher: PlaceMatcher, _ word: [UInt8], from start: Int
  ) throws(PlaceMatcher.GaveUp) -> Range<Int>? {
    try word.withUnsafeBytes { bytes in
      Result { () throws(PlaceMatcher.GaveUp) in try matcher.next(in: bytes, from: start) }
    }.get()
  }
}
