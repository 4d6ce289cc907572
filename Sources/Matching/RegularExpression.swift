internal import CPCRE2

/// A regular expression (pcre2pattern(3)), compiled: over bytes, which are UTF-8 where they can be.
///
/// Sendable because PCRE2 never writes to compiled code (pcre2api(3), "Multithreading"); what a match needs beside it is
/// the ``Matcher``'s own.
@safe package final class RegularExpression: @unchecked Sendable {
  /// The reason why a pattern cannot be used.
  package struct Refusal: Error, Equatable, Sendable {
    /// The place of the fault, in characters from the beginning.
    package let offset: Int
    package let reason: String
  }

  package struct Options: OptionSet, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Small letters and capitals are the same.
    package static let caseless = Options(rawValue: PCRE2_CASELESS)
    /// `^` and `$` mean the beginning and end of each line of a text.
    static let multiline = Options(rawValue: PCRE2_MULTILINE)
  }

  package let pattern: String
  let options: Options
  let code: OpaquePointer

  /// Costs some 50 us, most of it for machine code.
  package init(_ pattern: String, _ options: Options = []) throws(Refusal) {
    self.pattern = pattern
    self.options = options
    let asWritten = try unsafe Self.compile(pattern, options.rawValue)
    if let replaced = NegatedTypes.replaced(in: pattern),
      let code = try? unsafe Self.compile(replaced, options.rawValue)
    {
      unsafe pcre2_code_free_8(asWritten)
      unsafe self.code = code
    } else {
      unsafe code = asWritten
    }
    // Where memory cannot be made executable it is interpreted, with the same result.
    unsafe pcre2_jit_compile_8(code, PCRE2_JIT_COMPLETE)
  }

  deinit { unsafe pcre2_code_free_8(code) }

  /// The number of the group of that name; nil when there is none.
  package func group(named name: String) -> Int? {
    let number = unsafe pcre2_substring_number_from_name_8(code, name)
    return number > 0 ? Int(number) : nil
  }

  /// Groups in parentheses, named or not.
  package var groupCount: Int {
    var count: UInt32 = 0
    unsafe pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_CAPTURECOUNT), &count)
    return Int(count)
  }

  /// The same with a callout before each of its items, which gives who runs it the chance to end it.
  func compiledWithCallouts() -> OpaquePointer? {
    try? unsafe Self.compile(pattern, options.rawValue | PCRE2_AUTO_CALLOUT)
  }

  /// The expression that finds this very text.
  package static func literal(_ text: String) -> String {
    var pattern = ""
    for scalar in text.unicodeScalars {
      if scalar.isASCII, !scalar.properties.isAlphabetic, !("0"..."9").contains(scalar) {
        pattern += "\\"
      }
      pattern.unicodeScalars.append(scalar)
    }
    return pattern
  }

  private static func compile(
    _ pattern: String, _ more: UInt32
  ) throws(Refusal) -> OpaquePointer {
    let options =
      more | PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C
      | PCRE2_USE_OFFSET_LIMIT
    let bytes = Array(pattern.utf8)
    var error: Int32 = 0
    var offset = 0
    if let code = unsafe pcre2_compile_8(bytes, bytes.count, options, &error, &offset, nil) {
      return unsafe code
    }
    let before = bytes.prefix(min(offset, bytes.count))
    throw Refusal(
      offset: String(decoding: before, as: UTF8.self).count, reason: message(error))
  }

  private static func message(_ error: Int32) -> String {
    // The longest has 100 bytes and some.
    var buffer = [UInt8](repeating: 0, count: 256)
    let count = unsafe pcre2_get_error_message_8(error, &buffer, buffer.count)
    return String(decoding: buffer.prefix(max(0, Int(count))), as: UTF8.self)
  }
}
