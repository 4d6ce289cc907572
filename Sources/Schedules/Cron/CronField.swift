/// One of the five fields of a line in a crontab: numbers, ranges, steps and lists of them.
struct CronField: Equatable, Sendable {
  /// Bit n is set where n is meant.
  let bits: UInt64
  /// It begins with an asterisk: cron(8) asks this, and not which numbers are meant.
  let isStar: Bool

  func contains(_ number: Int) -> Bool { bits >> UInt64(number) & 1 == 1 }

  /// The least that is meant and not below `number`; nil when there is none.
  func first(from number: Int) -> Int? {
    guard number < 64 else { return nil }
    let rest = (bits >> UInt64(number)) << UInt64(number)
    return rest == 0 ? nil : rest.trailingZeroBitCount
  }

  /// The sort of a field: its numbers, and the names that some of them have.
  struct Kind: Sendable {
    let name: String
    let least: Int
    let most: Int
    var names: [String] = []

    static let minute = Kind(name: "minute", least: 0, most: 59)
    static let hour = Kind(name: "hour", least: 0, most: 23)
    static let day = Kind(name: "day of the month", least: 1, most: 31)
    static let month = Kind(
      name: "month", least: 1, most: 12,
      names: [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
      ])
    /// 7 is Sunday as well.
    static let weekday = Kind(
      name: "day of the week", least: 0, most: 7,
      names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"])
  }

  init(_ text: some StringProtocol, _ kind: Kind) throws(ScheduleError) {
    var bits: UInt64 = 0
    for item in text.split(separator: ",", omittingEmptySubsequences: false) {
      for number in try Self.numbers(item, kind) { bits |= 1 << UInt64(number) }
    }
    if kind.most == 7, bits & 0x81 != 0 { bits |= 0x81 }
    self.bits = bits
    isStar = text.hasPrefix("*")
  }

  /// `*`, `5`, `1-5`, `*/10`, `1-31/2`, `mon`, `mon-fri`.
  private static func numbers(
    _ item: some StringProtocol, _ kind: Kind
  ) throws(ScheduleError) -> [Int] {
    let parts = item.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count <= 2, let range = parts.first else {
      throw ScheduleError(item, "a range has one step")
    }
    let (low, high, isRange) = try bounds(range, kind)
    guard parts.count == 2 else { return Array(low...high) }
    guard isRange else { throw ScheduleError(item, "a step needs a range, or *, before it") }
    guard let step = number(parts[1]), step > 0 else {
      throw ScheduleError(item, "the step is no number above 0")
    }
    return Array(stride(from: low, through: high, by: step))
  }

  private static func bounds(
    _ text: some StringProtocol, _ kind: Kind
  ) throws(ScheduleError) -> (Int, Int, isRange: Bool) {
    if text == "*" {
      // 7 again is Sunday, which */2 would meet twice.
      return (kind.least, kind.most == 7 ? 6 : kind.most, true)
    }
    guard !text.contains("~") else {
      throw ScheduleError(text, "cron draws this at random, and nobody else knows what")
    }
    let ends = text.split(separator: "-", omittingEmptySubsequences: false)
    let low = try value(ends[0], kind)
    guard ends.count > 1 else { return (low, low, false) }
    guard ends.count == 2 else { throw ScheduleError(text, "a range has two ends") }
    let high = try value(ends[1], kind)
    // Sunday, at the end of a week.
    if kind.most == 7, high == 0, low > 0 { return (low, 7, true) }
    guard low <= high else { throw ScheduleError(text, "the range ends before it begins") }
    return (low, high, true)
  }

  private static func value(
    _ text: some StringProtocol, _ kind: Kind
  ) throws(ScheduleError) -> Int {
    if let name = kind.names.firstIndex(of: text.lowercased()) { return kind.least + name }
    guard let number = number(text) else {
      let names = kind.names.isEmpty ? "" : ", nor a name such as \(kind.names[1])"
      throw ScheduleError(text, "it is no number of a \(kind.name)\(names)")
    }
    guard (kind.least...kind.most).contains(number) else {
      throw ScheduleError(text, "\(kind.name): from \(kind.least) to \(kind.most)")
    }
    return number
  }

  private static func number(_ text: some StringProtocol) -> Int? {
    guard (1...4).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    return Int(text)
  }
}
