/// One part of a calendar event of systemd: values, ranges and repetitions of them; none at all means any.
struct CalendarComponent: Equatable, Sendable {
  /// `start..stop/step`
  struct Term: Equatable, Sendable {
    let start: Int
    var stop: Int?
    var step: Int?

    /// The least that is meant, not below `value`, and not above `most`.
    func first(from value: Int, most: Int) -> Int? {
      if value <= start { return start <= most ? start : nil }
      let last = stop ?? (step == nil ? start : most)
      guard value <= last else { return nil }
      let step = step ?? 1
      let found = start + (value - start + step - 1) / step * step
      return found <= min(last, most) ? found : nil
    }
  }

  private let terms: [Term]

  static let any = CalendarComponent(terms: [])

  func first(from value: Int, most: Int) -> Int? {
    if terms.isEmpty { return value <= most ? value : nil }
    return terms.compactMap { $0.first(from: value, most: most) }.min()
  }

  func contains(_ value: Int) -> Bool { first(from: value, most: value) == value }

  private init(terms: [Term]) { self.terms = terms }

  /// The values that a part may hold.
  struct Kind: Sendable {
    let name: String
    let least: Int
    let most: Int
    /// The number of units that 1 has: a second has its microseconds.
    var unit = 1

    static let year = Kind(name: "year", least: 1970, most: 2199)
    static let month = Kind(name: "month", least: 1, most: 12)
    static let day = Kind(name: "day", least: 1, most: 31)
    static let hour = Kind(name: "hour", least: 0, most: 23)
    static let minute = Kind(name: "minute", least: 0, most: 59)
    static let second = Kind(name: "second", least: 0, most: 60_999_999, unit: 1_000_000)
  }

  init(_ text: some StringProtocol, _ kind: Kind) throws(ScheduleError) {
    var terms: [Term] = []
    for item in text.split(separator: ",", omittingEmptySubsequences: false) {
      if item == "*" {
        self = .any
        return
      }
      terms.append(try Self.term(item, kind))
    }
    self.terms = terms
  }

  private static func term(
    _ text: some StringProtocol, _ kind: Kind
  ) throws(ScheduleError) -> Term {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count <= 2, let range = parts.first else {
      throw ScheduleError(text, "a value has one repetition")
    }
    var term = Term(start: kind.least)
    if range != "*" {
      let ends = splitRange(range)
      term = Term(start: try value(ends.first, kind))
      if let end = ends.second {
        let stop = try value(end, kind)
        guard stop >= term.start else {
          throw ScheduleError(text, "the range ends before it begins")
        }
        guard stop == term.start || stop - term.start >= kind.unit else {
          throw ScheduleError(text, "the range ends within its first \(kind.name)")
        }
        // 1.0..3.8 are the seconds 1, 2 and 3; each microsecond between is nobody's wish.
        term.stop = stop
        term.step = kind.unit == 1 ? nil : kind.unit
      }
    }
    guard parts.count == 2 else { return term }
    guard let step = number(parts[1], kind.unit), step > 0 else {
      throw ScheduleError(text, "the repetition is no number above 0")
    }
    guard term.start + step <= (term.stop ?? kind.most) else {
      throw ScheduleError(text, "nothing is repeated: a \(kind.name) has no more")
    }
    term.step = step
    return term
  }

  /// `1..5`, and `1-5` in old texts, where a date has no other use for the dash.
  private static func splitRange<Text: StringProtocol>(
    _ text: Text
  ) -> (first: Text.SubSequence, second: Text.SubSequence?) {
    guard let dots = text.firstRange(of: "..") else { return (text[...], nil) }
    return (text[..<dots.lowerBound], text[dots.upperBound...])
  }

  private static func value(
    _ text: some StringProtocol, _ kind: Kind
  ) throws(ScheduleError) -> Int {
    guard var number = number(text, kind.unit) else {
      throw ScheduleError(text, "it is no number of a \(kind.name)")
    }
    // Of years two digits are enough, as before 1970.
    if kind.most == Kind.year.most, text.utf8.count <= 2 { number += number < 70 ? 2000 : 1900 }
    guard (kind.least...kind.most).contains(number) else {
      throw ScheduleError(
        text, "\(kind.name): from \(kind.least / kind.unit) to \(kind.most / kind.unit)")
    }
    return number
  }

  /// A number in units; a fraction only where a unit is one of many.
  private static func number(_ text: some StringProtocol, _ unit: Int) -> Int? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard let whole = parts.first.flatMap({ digits($0, 6) }), parts.count <= 2 else { return nil }
    guard parts.count == 2 else { return whole * unit }
    guard unit == 1_000_000, (1...18).contains(parts[1].utf8.count) else { return nil }
    // Rounded to microseconds, as systemd does.
    let padded = String(parts[1]) + "0000000"
    guard let seven = digits(padded.prefix(7), 7), digits(parts[1], 18) != nil else { return nil }
    return whole * unit + (seven + 5) / 10
  }

  private static func digits(_ text: some StringProtocol, _ most: Int) -> Int? {
    guard (1...most).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    return Int(text)
  }
}
