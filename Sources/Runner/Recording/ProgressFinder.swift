internal import Events
internal import Matching

/// Finds in the last line of output how far a job is.
struct ProgressFinder {
  /// The pattern of the user; nil: what is commonly printed is recognised.
  private let pattern: ProgressPattern?

  init(_ expression: RegularExpression?) { pattern = expression.map(ProgressPattern.init) }

  func progress(in line: String) -> Progress? {
    guard let pattern else { return RecognisedProgress.find(in: line) }
    return pattern.progress(in: line)
  }
}

/// A pattern whose groups are numbers: named `done`, `total` and `percent`, else one for the percentage, or two for what is
/// done and of how much.
private struct ProgressPattern {
  /// One line of at most 500 bytes, once a second.
  private static let patience: Int64 = 25_000
  private let matcher: Matcher
  private let done: Int?
  private let total: Int?
  private let percent: Int?

  init(_ expression: RegularExpression) {
    matcher = Matcher(expression)
    let named = ["done", "total", "percent"].map { expression.group(named: $0) }
    let isNamed = named.contains { $0 != nil }
    let isOne = expression.groupCount == 1
    done = isNamed ? named[0] : isOne ? nil : 1
    total = isNamed ? named[1] : isOne ? nil : 2
    percent = isNamed ? named[2] : isOne ? 1 : nil
  }

  func progress(in line: String) -> Progress? {
    let bytes = Array(line.utf8)
    var allowance = TimeAllowance(microseconds: Self.patience)
    guard bytes.withUnsafeBytes({ matcher.find(in: $0, &allowance) }) == .found else { return nil }
    func number(_ group: Int?) -> Double? {
      guard let group, let range = matcher.range(ofGroup: group) else { return nil }
      let scanner = NumberScanner(bytes)
      guard let number = scanner.number(at: range.lowerBound), number.end == range.upperBound else {
        return nil
      }
      return number.value
    }
    return Progress(
      done: number(done), total: number(total), percent: number(percent).map { min($0, 100) })
  }
}

/// `25/100`, `25 of 100`, `25%`, `25.5 %`; no dates, versions, paths, times or addresses.
enum RecognisedProgress {
  static func find(in line: String) -> Progress? {
    var scanner = NumberScanner(Array(line.utf8))
    var percent: Double?
    var fraction: (done: Double, total: Double)?
    while let number = scanner.nextNumber() {
      guard scanner.standsFree(before: number.start) else { continue }
      if percent == nil, let sign = scanner.percentSign(after: number.end),
        number.value <= 100, scanner.standsFree(after: sign + 1)
      {
        percent = number.value
      } else if fraction == nil, let total = scanner.total(after: number.end),
        total.value > 0, number.value <= total.value, scanner.standsFree(after: total.end)
      {
        fraction = (number.value, total.value)
      }
    }
    guard let percent else {
      return fraction.flatMap { Progress(done: $0.done, total: $0.total) }
    }
    // A line that has both may speak of two things: "step 3/10: 45%".
    if let fraction, abs(fraction.done / fraction.total * 100 - percent) <= 1 {
      return Progress(done: fraction.done, total: fraction.total, percent: percent)
    }
    return Progress(percent: percent)
  }
}

/// Numbers, `12` or `12.5`, and what stands around them.
private struct NumberScanner {
  struct Number {
    let value: Double
    let start: Int
    let end: Int
  }

  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func nextNumber() -> Number? {
    while position < bytes.count, !Self.isDigit(bytes[position]) { position += 1 }
    guard let number = number(at: position) else { return nil }
    position = number.end
    return number
  }

  func number(at start: Int) -> Number? {
    var end = digitsEnd(start)
    guard end > start else { return nil }
    if byte(end) == UInt8(ascii: "."), digitsEnd(end + 1) > end + 1 { end = digitsEnd(end + 1) }
    let text = String(decoding: bytes[start..<end], as: UTF8.self)
    guard let value = Double(text) else { return nil }
    return Number(value: value, start: start, end: end)
  }

  /// Returns the place of the sign, directly or after one blank.
  func percentSign(after end: Int) -> Int? {
    let place = byte(end) == Self.blank ? end + 1 : end
    return byte(place) == UInt8(ascii: "%") ? place : nil
  }

  /// The number behind ` / ` or ` of `.
  func total(after end: Int) -> Number? {
    var place = afterBlanks(end)
    if byte(place) == UInt8(ascii: "/") { return number(at: afterBlanks(place + 1)) }
    guard place > end, byte(place) == UInt8(ascii: "o"), byte(place + 1) == UInt8(ascii: "f"),
      byte(place + 2) == Self.blank
    else { return nil }
    place = afterBlanks(place + 2)
    return number(at: place)
  }

  /// False when what begins here is the end of something longer.
  func standsFree(before start: Int) -> Bool {
    guard let previous = byte(start - 1) else { return true }
    if previous == UInt8(ascii: ":") { return !Self.isDigit(byte(start - 2) ?? 0) }
    return !Self.isWord(previous) && !"/\\.,-+%".utf8.contains(previous)
  }

  /// False when what ends here is the beginning of something longer.
  func standsFree(after end: Int) -> Bool {
    guard let next = byte(end) else { return true }
    if ".,-+:".utf8.contains(next) { return !Self.isWord(byte(end + 1) ?? 0) }
    return !Self.isWord(next) && !"/\\%".utf8.contains(next)
  }

  private static let blank = UInt8(ascii: " ")

  private func byte(_ place: Int) -> UInt8? { bytes.indices.contains(place) ? bytes[place] : nil }

  private func afterBlanks(_ start: Int) -> Int {
    var end = start
    while byte(end) == Self.blank { end += 1 }
    return end
  }

  private func digitsEnd(_ start: Int) -> Int {
    var end = start
    while let next = byte(end), Self.isDigit(next) { end += 1 }
    return end
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

  private static func isWord(_ byte: UInt8) -> Bool {
    isDigit(byte) || byte == 0x5f || (0x61...0x7a).contains(byte | 0x20)
  }
}
