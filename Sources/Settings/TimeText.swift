package import Events

/// Points in time as people type them.
package enum TimeText {
  /// An instant, mostly a past one.
  ///
  /// `2026-11-22T14:30:00Z`, with an offset (`+02:00`), a fraction, without seconds, with a blank
  /// instead of the T; without a zone it is local time. `2026-11-22`, `today` and `yesterday` are local
  /// midnight, so is `monday`, the last one that has begun, and `last monday`, that before today. `14:30` and
  /// `14:30:05` are today. `now`, `@1795357800` (seconds since 1970), and so long ago: `2h ago`, `2h`, `-2h`.
  ///
  /// Refuses what no clock shows: 2026-02-30, 25:00. Of a local time that comes twice it takes the first; one that is
  /// skipped, because clocks are set forward, is the first moment after that.
  package static func time(_ text: String, now: WallTime) throws(SettingError) -> WallTime {
    if text.hasSuffix(" ago") {
      return try time(text.dropLast(" ago".count), ago: text, now: now)
    }
    if text.hasPrefix("-"), let next = text.utf8.dropFirst().first, AsciiScanner.isDigit(next),
      hasUnit(text[...])
    {
      return try time(text.dropFirst(), ago: text, now: now)
    }
    if isDuration(text[...]) { return try time(text[...], ago: text, now: now) }
    do throws(Refusal) {
      return try parse(text, now: now)
    } catch {
      throw SettingError(text: text, reason: error.reason, remedy: accepted)
    }
  }

  /// An instant that is still to come: as above, but `tomorrow` and `monday`, also `next monday`, are local midnights to
  /// come, and a duration is from now. Refuses what is past.
  package static func future(_ text: String, now: WallTime) throws(SettingError) -> WallTime {
    let time = try ahead(text, now: now)
    guard time > now else { throw past(text) }
    return time
  }

  /// As ``future(_:now:)``, but a time of day that has passed is tomorrow's, as with at(1), and `now`, or what was not a
  /// minute ago, is no mistake.
  package static func upcoming(_ text: String, now: WallTime) throws(SettingError) -> WallTime {
    let time = try ahead(text, now: now)
    let digits = text.utf8.prefix(while: AsciiScanner.isDigit).count
    if time < now, (1...2).contains(digits), text.contains(":") {
      // The next date on the calendar: not every day has 24 hours.
      return try self.time(text, now: LocalTime.start(of: LocalTime.date(at: now).next))
    }
    guard time > now - 60_000_000 else { throw past(text) }
    return time
  }

  private static let accepted =
    "accepted: 2026-11-22T14:30:00Z, \"2026-11-22 14:30\", 2026-11-22, 14:30, today, yesterday, monday, now, "
    + "\"2h ago\", @SECONDS"

  private static func past(_ text: String) -> SettingError {
    SettingError(
      text: text, reason: "that is past",
      remedy: "name a time to come: 2h, \"2026-11-22 14:30\", tomorrow")
  }

  /// Days and durations are counted forward.
  private static func ahead(_ text: String, now: WallTime) throws(SettingError) -> WallTime {
    // Some 292,000 years, and it ends there: never is meant, and never it is.
    if let duration = try? DurationText.microseconds(text) { return now + duration }
    let today = LocalTime.date(at: now)
    if text == "tomorrow" { return LocalTime.start(of: today.next) }
    let name = text.hasPrefix("next ") ? text.dropFirst("next ".count) : text[...]
    guard let weekday = weekday(name) else { return try time(text, now: now) }
    var date = today.next
    while date.weekday != weekday { date = date.next }
    return LocalTime.start(of: date)
  }

  /// A bare number is none: `14` and `14.30` may be meant for an hour, `2026` for a year.
  private static func isDuration(_ text: Substring) -> Bool {
    hasUnit(text) && (try? DurationText.microseconds(String(text))) != nil
  }

  private static func hasUnit(_ text: Substring) -> Bool {
    text.utf8.contains { ($0 | 0x20) >= UInt8(ascii: "a") }
  }

  /// From 0 for Sunday, by its name or the first three letters.
  private static func weekday(_ name: Substring) -> Int? {
    ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]
      .firstIndex { $0 == name || $0.prefix(3) == name }
  }

  /// - Parameter text: all that was typed.
  private static func time(
    _ duration: Substring, ago text: String, now: WallTime
  ) throws(SettingError) -> WallTime {
    do throws(SettingError) {
      let duration = try DurationText.microseconds(String(duration))
      // A clock that stands before 1970 is wrong.
      return max(now, .epoch) - duration
    } catch {
      throw SettingError(text: text, reason: error.reason, remedy: error.remedy)
    }
  }

  private static func parse(_ text: String, now: WallTime) throws(Refusal) -> WallTime {
    switch text {
    case "": throw Refusal("it is empty")
    case "now": return now
    case "today": return LocalTime.start(of: LocalTime.date(at: now))
    case "yesterday": return LocalTime.start(of: LocalTime.date(at: now).previous)
    default: break
    }
    let name = text.hasPrefix("last ") ? text.dropFirst("last ".count) : text[...]
    if let weekday = weekday(name) {
      let today = LocalTime.date(at: now)
      var date = name.count < text.count ? today.previous : today
      while date.weekday != weekday { date = date.previous }
      return LocalTime.start(of: date)
    }
    if text.hasPrefix("@") { return try parseSeconds(text.dropFirst()) }
    var scanner = AsciiScanner(text)
    let shape = text.utf8.prefix(while: AsciiScanner.isDigit).count
    switch shape {
    case 4: return try parseDate(&scanner)
    case 1, 2:
      let time = try CivilTime(&scanner)
      try expectEnd(scanner)
      return LocalTime.instant(of: LocalTime.date(at: now), at: time)
    default: throw Refusal("it is not a time")
    }
  }

  /// As `date +%s` prints them.
  private static func parseSeconds(_ text: Substring) throws(Refusal) -> WallTime {
    var scanner = AsciiScanner(text)
    let amount = try DecimalAmount(&scanner, subject: "a number of seconds since 1970")
    try expectEnd(scanner)
    guard let microseconds = Int64(exactly: amount.scaled(by: 1_000_000)) else { throw .tooLong }
    return WallTime(microseconds: microseconds)
  }

  private static func parseDate(_ scanner: inout AsciiScanner) throws(Refusal) -> WallTime {
    let date = try CivilDate(&scanner)
    if scanner.isAtEnd { return LocalTime.start(of: date) }
    guard scanner.takeOne(of: "T", "t", " ") != nil else {
      throw Refusal("a T or a blank must follow the date")
    }
    let time = try CivilTime(&scanner)
    let offset = try parseOffset(&scanner)
    try expectEnd(scanner)
    guard let offset else { return LocalTime.instant(of: date, at: time) }
    let seconds = date.daysSince1970 * 86_400 + time.secondOfDay - offset
    return WallTime(microseconds: Int64(seconds) * 1_000_000 + Int64(time.microsecond))
  }

  /// Reads `Z`, `+02:00`, `+0200` or `+02`: seconds east of UTC; nil when the text has ended.
  private static func parseOffset(_ scanner: inout AsciiScanner) throws(Refusal) -> Int? {
    if scanner.takeOne(of: "Z", "z") != nil { return 0 }
    guard let sign = scanner.takeOne(of: "+", "-") else { return nil }
    let hours: Int
    let minutes: Int
    if let both = scanner.number(digits: 4) {
      (hours, minutes) = both.quotientAndRemainder(dividingBy: 100)
    } else {
      guard let number = scanner.number(digits: 2) else {
        throw Refusal("an offset from UTC looks like +02:00")
      }
      hours = number
      if scanner.take(":") {
        guard let number = scanner.number(digits: 2) else {
          throw Refusal("an offset from UTC looks like +02:00")
        }
        minutes = number
      } else {
        minutes = 0
      }
    }
    guard hours <= 23, minutes <= 59 else { throw Refusal("an offset from UTC is at most 23:59") }
    return (sign == "-" ? -1 : 1) * (hours * 3600 + minutes * 60)
  }

  private static func expectEnd(_ scanner: AsciiScanner) throws(Refusal) {
    guard scanner.isAtEnd else {
      throw Refusal("\(SettingError.quoted(scanner.remainder)) is too much at the end")
    }
  }
}
