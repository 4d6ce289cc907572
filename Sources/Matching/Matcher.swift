internal import CPCRE2

/// Looks for one expression in one text after the other. For one thread at a time.
///
/// No pattern and no text make it run away. A text is first tried with so few steps, and so few of its places at a time,
/// that between two looks at the clock nothing can take long: some patterns take time that grows with the square of the
/// text without ever going back a step. Where so few steps do not do, it is tried again, slower, with a look at the clock
/// all along.
@safe package final class Matcher {
  package enum Outcome: Equatable, Sendable {
    case found, notFound
    /// It would have taken too long.
    case gaveUp
  }

  /// Steps back from one place of the text. Each may then cross all of the text again.
  private static let quickSteps: UInt32 = 2000
  /// Places that are tried without a look at the clock, times the text's length.
  private static let quickArea = 1 << 20
  private static let slowSteps: UInt32 = 10_000_000
  /// Processor time for one text, microseconds.
  private static let patience: Int64 = 25_000

  private let expression: RegularExpression
  private let result: OpaquePointer?
  private let quickLimits = unsafe makeLimits(steps: quickSteps)
  private let slowLimits = unsafe makeLimits(steps: slowSteps)
  /// For the second try; made when it is needed.
  private lazy var codeWithCallouts = unsafe expression.compiledWithCallouts()

  package init(_ expression: RegularExpression) {
    self.expression = expression
    unsafe result = pcre2_match_data_create_from_pattern_8(expression.code, nil)
  }

  deinit {
    unsafe pcre2_match_data_free_8(result)
    unsafe pcre2_match_context_free_8(quickLimits)
    unsafe pcre2_match_context_free_8(slowLimits)
    if let codeWithCallouts = unsafe codeWithCallouts { unsafe pcre2_code_free_8(codeWithCallouts) }
  }

  /// - Parameter allowance: of the calling thread. Not exceeded by more than some milliseconds.
  package func find(
    in text: UnsafeRawBufferPointer, _ allowance: inout TimeAllowance
  ) -> Outcome {
    // An empty text may have no address.
    guard let address = text.baseAddress else {
      return unsafe withUnsafeBytes(of: UInt8(0)) {
        unsafe find(in: UnsafeRawBufferPointer(rebasing: $0.prefix(0)), &allowance)
      }
    }
    return unsafe address.withMemoryRebound(to: UInt8.self, capacity: text.count) { bytes in
      let text = unsafe UnsafeBufferPointer(start: bytes, count: text.count)
      return unsafe findQuickly(text, &allowance) ?? findSlowly(text, allowance)
    }
  }

  /// Returns where a group was found last, in bytes; nil when it took no part.
  package func range(ofGroup number: Int) -> Range<Int>? {
    guard let result = unsafe result, unsafe number < Int(pcre2_get_ovector_count_8(result)),
      let pairs = unsafe pcre2_get_ovector_pointer_8(result)
    else { return nil }
    let (start, end) = unsafe (pairs[2 * number], pairs[2 * number + 1])
    // PCRE2_UNSET is negative here; \K in a lookahead puts the end before the start.
    guard start >= 0, start <= end else { return nil }
    return start..<end
  }

  /// Returns nil when it cannot be told quickly.
  private func findQuickly(
    _ text: UnsafeBufferPointer<UInt8>, _ allowance: inout TimeAllowance
  ) -> Outcome? {
    let places = max(1, Self.quickArea / max(1, text.count))
    var start = 0
    while start <= text.count {
      guard !allowance.isOver() else { return .gaveUp }
      let end = unsafe Self.characterStart(in: text, from: start + places)
      unsafe pcre2_set_offset_limit_8(quickLimits, end - 1)
      switch unsafe match(expression.code, text, from: start, quickLimits) {
      case 0...: return .found
      case PCRE2_ERROR_NOMATCH: start = end
      default: return nil
      }
    }
    return .notFound
  }

  /// PCRE2 is not to begin inside of a character.
  private static func characterStart(
    in text: UnsafeBufferPointer<UInt8>, from place: Int
  ) -> Int {
    var place = place
    while place < text.count, unsafe text[place] & 0xc0 == 0x80 { place += 1 }
    return place
  }

  private func findSlowly(
    _ text: UnsafeBufferPointer<UInt8>, _ allowance: TimeAllowance
  ) -> Outcome {
    guard let code = unsafe codeWithCallouts else { return .gaveUp }
    var deadline = Deadline(allowance: allowance.limited(toMicroseconds: Self.patience))
    return unsafe withUnsafeMutablePointer(to: &deadline) { deadline in
      unsafe pcre2_set_callout_8(slowLimits, { unsafe Deadline.look($1) }, unsafe deadline)
      switch unsafe match(code, text, from: 0, slowLimits) {
      case 0...: return .found
      case PCRE2_ERROR_NOMATCH: return .notFound
      default: return .gaveUp
      }
    }
  }

  private func match(
    _ code: OpaquePointer, _ text: UnsafeBufferPointer<UInt8>, from start: Int,
    _ limits: OpaquePointer?
  ) -> Int32 {
    unsafe pcre2_match_8(code, text.baseAddress, text.count, start, 0, result, limits)
  }

  private static func makeLimits(steps: UInt32) -> OpaquePointer? {
    let limits = unsafe pcre2_match_context_create_8(nil)
    unsafe pcre2_set_match_limit_8(limits, steps)
    unsafe pcre2_set_depth_limit_8(limits, steps)
    // KiB.
    unsafe pcre2_set_heap_limit_8(limits, 16 << 10)
    return unsafe limits
  }

  /// The deadline that a match looks at now and then: an item of a pattern takes some 30 ns, this a little more.
  private struct Deadline {
    var allowance: TimeAllowance
    private var untilLook = 0

    init(allowance: TimeAllowance) { self.allowance = allowance }

    /// 0 goes on with the match, an error ends it (pcre2callout(3)).
    static func look(_ data: UnsafeMutableRawPointer?) -> Int32 {
      guard let deadline = unsafe data?.assumingMemoryBound(to: Deadline.self) else { return 0 }
      unsafe deadline.pointee.untilLook -= 1
      guard unsafe deadline.pointee.untilLook < 0 else { return 0 }
      unsafe deadline.pointee.untilLook = 16
      return unsafe deadline.pointee.allowance.isOver() ? PCRE2_ERROR_CALLOUT : 0
    }
  }
}
