package import Events

/// Points in time as people type them.
package enum TimeText {
  /// An instant.
  ///
  /// `2026-11-22T14:30:00Z`, with an offset (`+02:00`), a fraction, without seconds, with a blank
  /// instead of the T; without a zone it is local time. `2026-11-22`, `today` and `yesterday` are local
  /// midnight, `14:30` and `14:30:05` are today. `now`, and any duration: `2h ago`.
  ///
  /// Refuses what no clock shows: 2026-02-30, 25:00. Of a local time that comes twice it takes the first; one that is
  /// skipped, because clocks are set forward, is the first moment after that.
  package static func time(_ text: String, now: WallTime) throws(SettingError) -> WallTime {
    if text.hasSuffix(" ago") { return try time(ago: text, now: now) }
    do throws(Refusal) {
      return try parse(text, now: now)
    } catch {
      throw SettingError(text: text, reason: error.reason, remedy: accepted)
    }
  }

  /// An instant that is still to come: as above, `tomorrow` (local midnight), or a
  /// duration from now, `2h`. Refuses what is past.
  package static func future(_ text: String, now: WallTime) throws(SettingError) -> WallTime {
    let time: WallTime
    if let duration = try? DurationText.microseconds(text) {
      // Some 292,000 years, and it ends there: never is meant, and never it is.
      time = now + duration
    } else if text == "tomorrow" {
      time = LocalTime.start(of: LocalTime.date(at: now).next)
    } else {
      time = try self.time(text, now: now)
    }
    guard time > now else {
      throw SettingError(
        text: text, reason: "that is past",
        remedy: "name a time to come: 2h, \"2026-11-22 14:30\", tomorrow")
    }
    return time
  }

  /// As ``time(_:now:)``, but a time of day that has passed is tomorrow's, as with at(1).
  package static func upcoming(_ text: String, now: WallTime) throws(SettingError) -> WallTime {
    let time = try self.time(text, now: now)
    let digits = text.utf8.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }.count
    guard time < now, (1...2).contains(digits), text.contains(":") else { return time }
    // The next date on the calendar: not every day has 24 hours.
    return try self.time(text, now: LocalTime.start(of: LocalTime.date(at: now).next))
  }

  private static let accepted =
    "accepted: 2026-11-22T14:30:00Z, \"2026-11-22 14:30\", 2026-11-22, 14:30, today, yesterday, now, "
    + "\"2h ago\""

  private static func time(ago text: String, now: WallTime) throws(SettingError) -> WallTime {
    do throws(SettingError) {
      let duration = try DurationText.microseconds(String(text.dropLast(" ago".count)))
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
    var scanner = AsciiScanner(text)
    let shape = text.utf8.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }.count
    switch shape {
    case 4: return try parseDate(&scanner)
    case 1, 2:
      let time = try CivilTime(&scanner)
      try expectEnd(scanner)
      return LocalTime.instant(of: LocalTime.date(at: now), at: time)
    default: throw Refusal("it is not a time")
    }
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
