internal import CPCRE2

/// Finds all places of one expression in texts of many lines, where `^` and `$` are the ends of lines. For one thread at a time.
///
/// An expression that takes too many steps at one place is given up: nobody is told that a text has nothing when that is not
/// known.
@safe package final class PlaceMatcher {
  /// It would have taken too long at this place of the text.
  package struct GaveUp: Error, Sendable { package let place: Int }

  /// Steps back from one place, with machine code, and without.
  private static let steps: UInt32 = 1_000_000
  private static let slowSteps: UInt32 = 20_000_000

  private let expression: RegularExpression
  private let result: OpaquePointer?
  private let limits = unsafe makeLimits(steps: steps)
  private let slowLimits = unsafe makeLimits(steps: slowSteps)

  package init(_ pattern: String) throws(RegularExpression.Refusal) {
    // The fault is told by its place in what was written.
    _ = try RegularExpression(pattern)
    expression = try RegularExpression("(?m)\(pattern)")
    unsafe result = pcre2_match_data_create_8(1, nil)
  }

  deinit {
    unsafe pcre2_match_data_free_8(result)
    unsafe pcre2_match_context_free_8(limits)
    unsafe pcre2_match_context_free_8(slowLimits)
  }

  /// The next place from there on that is not empty.
  /// - Parameters:
  ///   - start: not inside of a character.
  ///   - isFirst: false where something stands before the text.
  ///   - isLast: false where it goes on behind its end.
  package func next(
    in text: UnsafeRawBufferPointer, from start: Int, isFirst: Bool = true, isLast: Bool = true
  ) throws(GaveUp) -> Range<Int>? {
    let options = (isFirst ? 0 : PCRE2_NOTBOL) | (isLast ? 0 : PCRE2_NOTEOL)
    var start = start
    while start < text.count {
      var code = unsafe match(text, start, options, limits)
      if code < 0, code != PCRE2_ERROR_NOMATCH {
        code = unsafe match(text, start, options | PCRE2_NO_JIT, slowLimits)
      }
      if code == PCRE2_ERROR_NOMATCH { return nil }
      guard code >= 0, let pairs = unsafe pcre2_get_ovector_pointer_8(result) else {
        throw GaveUp(place: start)
      }
      let (lower, upper) = unsafe (pairs[0], pairs[1])
      // \K in a lookahead puts the end before the start.
      if lower < upper, lower >= start { return lower..<upper }
      start = unsafe Self.behind(max(start, upper), in: text)
    }
    return nil
  }

  private func match(
    _ text: UnsafeRawBufferPointer, _ start: Int, _ options: UInt32, _ limits: OpaquePointer?
  ) -> Int32 {
    unsafe pcre2_match_8(
      expression.code, text.assumingMemoryBound(to: UInt8.self).baseAddress, text.count, start,
      options, result, limits)
  }

  /// The place of the next character.
  private static func behind(_ place: Int, in text: UnsafeRawBufferPointer) -> Int {
    var place = place + 1
    while unsafe place < text.count && text[place] & 0xc0 == 0x80 { place += 1 }
    return place
  }

  private static func makeLimits(steps: UInt32) -> OpaquePointer? {
    let limits = unsafe pcre2_match_context_create_8(nil)
    unsafe pcre2_set_match_limit_8(limits, steps)
    // KiB.
    unsafe pcre2_set_heap_limit_8(limits, 256 << 10)
    return unsafe limits
  }
}
