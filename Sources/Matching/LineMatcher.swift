internal import CPCRE2
internal import Glibc
internal import Linux

/// Looks for lines that have an expression in them, in texts of many lines at once: only around what it finds it looks for
/// the ends of lines. For one thread at a time.
///
/// A line has it if it would be found in this line alone. An expression that takes too long in a line is given up for that line.
@safe package final class LineMatcher {
  package enum Found: Equatable, Sendable {
    /// Without its line feed.
    case line(Range<Int>)
    /// In this line it would have taken too long.
    case gaveUp(Range<Int>)

    package var range: Range<Int> {
      switch self {
      case .line(let range), .gaveUp(let range): range
      }
    }
  }

  /// Steps back from one place of a text, before the line is looked at by itself.
  private static let steps: UInt32 = 2000
  /// Processor time for one line by itself, microseconds.
  private static let patience: Int64 = 100_000
  /// Places that are tried without a look at the clock.
  private static let fewestPlaces = 64
  private static let mostPlaces = 1 << 20

  private let matcher: Matcher
  private let expression: RegularExpression
  /// The same over many lines; nil where it cannot be said so.
  private let overLines: RegularExpression?
  private let result: OpaquePointer?
  private let limits: OpaquePointer?
  private var places = 1 << 14
  /// Lines that are looked at by themselves after it took many steps, and how many of them are left.
  private var singleLines = 1
  private var singleLinesLeft = 0

  /// - Parameter takesManyLines: false to look at each line by itself, slower.
  package init(_ expression: RegularExpression, takesManyLines: Bool = true) {
    self.expression = expression
    matcher = Matcher(expression)
    overLines =
      takesManyLines
      ? LinePattern.overLines(expression.pattern).flatMap {
        try? RegularExpression($0, expression.options.union(.multiline))
      } : nil
    unsafe result = pcre2_match_data_create_8(1, nil)
    unsafe limits = pcre2_match_context_create_8(nil)
    unsafe pcre2_set_match_limit_8(limits, Self.steps)
    unsafe pcre2_set_depth_limit_8(limits, Self.steps)
    // KiB.
    unsafe pcre2_set_heap_limit_8(limits, 16 << 10)
  }

  deinit {
    unsafe pcre2_match_data_free_8(result)
    unsafe pcre2_match_context_free_8(limits)
  }

  /// True where texts are looked through many lines at once.
  package var takesManyLines: Bool { overLines != nil }

  /// The next line that has it, or in which it was given up.
  /// - Parameters:
  ///   - text: whole lines; the last may have no line feed.
  ///   - start: the beginning of a line.
  package func next(in text: UnsafeRawBufferPointer, from start: Int) -> Found? {
    var start = start
    while start < text.count {
      if let overLines, singleLinesLeft == 0 {
        switch unsafe look(overLines, in: text, from: start) {
        case .none:
          singleLines = max(1, singleLines / 2)
          return nil
        case .at(let place):
          // Behind the last line feed there is no line.
          guard unsafe place < text.count || text.last != 0x0a else { return nil }
          return unsafe .line(Self.line(around: place, in: text))
        case .unknown(let place):
          start = unsafe Self.line(around: place, in: text).lowerBound
          singleLinesLeft = singleLines
          singleLines = min(singleLines * 2, 1 << 16)
        }
      }
      singleLinesLeft = max(0, singleLinesLeft - 1)
      let end = unsafe Self.end(ofLineAt: start, in: text)
      switch unsafe find(in: UnsafeRawBufferPointer(rebasing: text[start..<end]), .whole) {
      case .found: return .line(start..<end)
      case .gaveUp: return .gaveUp(start..<end)
      case .notFound: start = end + 1
      }
    }
    return nil
  }

  /// The part of a line that is looked at.
  package struct Part: Sendable {
    package let isFirst: Bool
    package let isLast: Bool

    package init(isFirst: Bool, isLast: Bool) { (self.isFirst, self.isLast) = (isFirst, isLast) }

    package static let whole = Part(isFirst: true, isLast: true)
    fileprivate var options: UInt32 {
      (isFirst ? 0 : PCRE2_NOTBOL) | (isLast ? 0 : PCRE2_NOTEOL)
    }
  }

  /// Tells whether it is in these bytes of a line.
  package func find(in line: UnsafeRawBufferPointer, _ part: Part) -> Matcher.Outcome {
    if unsafe !line.isEmpty {
      switch unsafe look(expression, in: line, from: 0, part.options) {
      case .none: return .notFound
      case .at: return .found
      case .unknown: break
      }
    }
    return unsafe findSlowly(in: line)
  }

  /// The places of an expression in a line.
  package struct Places: Equatable, Sendable {
    package fileprivate(set) var ranges: [Range<Int>] = []
    /// False when it would have taken too long to find the others.
    package fileprivate(set) var isWhole = true
  }

  /// Returns where it is in a line that has it: up to so many places, none of them empty.
  package func places(in line: UnsafeRawBufferPointer, atMost most: Int = .max) -> Places {
    var found = Places()
    var allowance = TimeAllowance(microseconds: Self.patience)
    var start = 0
    while start <= line.count, found.ranges.count < most {
      guard !allowance.isOver() else {
        found.isWhole = false
        break
      }
      let code = unsafe match(expression.code, line, from: start, offsetLimit: line.count)
      if code == PCRE2_ERROR_NOMATCH { break }
      // Only slower, or over what was set aside for the quick way: so the first is found, and no other.
      if code < 0 { found.isWhole = false }
      if code < 0, unsafe !found.ranges.isEmpty || findSlowly(in: line) != .found { break }
      guard let range = code < 0 ? matcher.range(ofGroup: 0) : matched, range.upperBound >= start
      else { break }
      if !range.isEmpty { found.ranges.append(range) }
      start = range.isEmpty ? range.upperBound + 1 : range.upperBound
      while start < line.count, unsafe line[start] & 0xc0 == 0x80 { start += 1 }
      if code < 0 { break }
    }
    return found
  }

  private func findSlowly(in line: UnsafeRawBufferPointer) -> Matcher.Outcome {
    var allowance = TimeAllowance(microseconds: Self.patience)
    return unsafe matcher.find(in: line, &allowance)
  }

  private enum Place {
    case none
    case at(Int)
    /// Up to there it is not; from there on it takes many steps.
    case unknown(Int)
  }

  /// Looks at the clock now and then, and tries as many places between as take some milliseconds.
  private func look(
    _ expression: RegularExpression, in text: UnsafeRawBufferPointer, from start: Int,
    _ options: UInt32 = 0
  ) -> Place {
    var start = start
    while start < text.count {
      var end = min(text.count, start + places)
      while end < text.count, unsafe text[end] & 0xc0 == 0x80 { end += 1 }
      let began = Clock.monotonicMicroseconds()
      // A match may be behind the last character.
      let last = end == text.count ? end : end - 1
      let code = unsafe match(expression.code, text, from: start, offsetLimit: last, options)
      let took = Clock.monotonicMicroseconds() - began
      if took > 10_000 {
        places = max(Self.fewestPlaces, places / 4)
      } else if took < 2000 {
        places = min(Self.mostPlaces, places * 2)
      }
      switch code {
      case 0...: return matched.map { .at($0.lowerBound) } ?? .none
      case PCRE2_ERROR_NOMATCH: start = end
      default: return .unknown(start)
      }
    }
    return .none
  }

  private var matched: Range<Int>? {
    guard let pair = unsafe pcre2_get_ovector_pointer_8(result) else { return nil }
    let (start, end) = unsafe (pair[0], pair[1])
    // \K in a lookahead puts the end before the start.
    guard start >= 0, start <= end else { return nil }
    return start..<end
  }

  private func match(
    _ code: OpaquePointer, _ text: UnsafeRawBufferPointer, from start: Int, offsetLimit: Int,
    _ options: UInt32 = 0
  ) -> Int32 {
    guard let address = text.baseAddress else { return PCRE2_ERROR_NOMATCH }
    unsafe pcre2_set_offset_limit_8(limits, offsetLimit)
    return unsafe address.withMemoryRebound(to: UInt8.self, capacity: text.count) {
      unsafe pcre2_match_8(code, $0, text.count, start, options, result, limits)
    }
  }

  // MARK: Lines

  package static func end(ofLineAt place: Int, in text: UnsafeRawBufferPointer) -> Int {
    guard let start = text.baseAddress, place < text.count,
      let feed = unsafe memchr(start + place, 0x0a, text.count - place)
    else { return text.count }
    return unsafe UnsafeRawPointer(feed) - start
  }

  package static func line(around place: Int, in text: UnsafeRawBufferPointer) -> Range<Int> {
    let before = unsafe UnsafeRawBufferPointer(rebasing: text[..<min(place, text.count)])
    return unsafe LinePieces.wholeLines(before)..<end(ofLineAt: place, in: text)
  }
}
