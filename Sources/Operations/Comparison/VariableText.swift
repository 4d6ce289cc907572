/// Finds in a line what is another in every run without meaning anything: times, durations, ids, addresses of memory,
/// process ids, names of temporary files.
package struct VariableText {
  package enum Kind: UInt8, Sendable, CaseIterable {
    case time = 1
    case duration, id, address, pid, temporary
  }

  private let bytes: UnsafeRawBufferPointer

  package init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// Returns end and kind of what begins at that place, where no word goes on.
  package func next(at place: Int) -> (end: Int, kind: Kind)? {
    let first = byte(place)
    if Self.isDigit(first) { return number(place) }
    if Self.isLetter(first) { return word(place) }
    switch first {
    case UInt8(ascii: "/"): return temporary(place)
    case UInt8(ascii: "["): return bracket(place)
    default: return nil
    }
  }

  /// Behind the letters and digits that stand there.
  package func endOfWord(_ place: Int) -> Int {
    var end = place
    while end < bytes.count, Self.isDigit(bytes[end]) || Self.isLetter(bytes[end]) { end += 1 }
    return end
  }

  package static func isWord(_ byte: UInt8) -> Bool { isDigit(byte) || isLetter(byte) }

  // MARK: Bytes

  private func byte(_ place: Int) -> UInt8 { place < bytes.count ? bytes[place] : 0 }
  private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
  private static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }

  private func has(_ text: StaticString, at place: Int) -> Bool {
    guard place + text.utf8CodeUnitCount <= bytes.count else { return false }
    for index in 0..<text.utf8CodeUnitCount where bytes[place + index] != text.utf8Start[index] {
      return false
    }
    return true
  }

  /// Returns how many digits stand there.
  private func digits(_ place: Int) -> Int {
    var end = place
    while end < bytes.count, Self.isDigit(bytes[end]) { end += 1 }
    return end - place
  }

  private func skip(_ byte: StaticString, _ place: inout Int) -> Bool {
    guard has(byte, at: place) else { return false }
    place += byte.utf8CodeUnitCount
    return true
  }

  // MARK: Numbers

  private func number(_ place: Int) -> (Int, Kind)? {
    if let end = date(place) ?? dayFirst(place) ?? time(place) { return (end, .time) }
    if byte(place) == 0x30, byte(place + 1) | 0x20 == UInt8(ascii: "x") { return address(place) }
    let count = digits(place)
    let end = endOfWord(place)
    if end == place + count, let end = stamp(place, count) { return (end, .time) }
    // First: an id may begin as a duration does.
    if let id = id(place, end) { return id }
    return duration(place).map { ($0, .duration) }
  }

  /// Seconds since 1970, or milli-, micro- and nanoseconds; or all of a date and a time in digits.
  private func stamp(_ place: Int, _ count: Int) -> Int? {
    let first = byte(place)
    let isEpoch =
      first == UInt8(ascii: "1") && (count == 10 || count == 13 || count == 16 || count == 19)
    let isDate =
      (count == 8 || count == 14) && (has("20", at: place) || has("19", at: place))
      && isIn(place + 4, 1...12) && isIn(place + 6, 1...31)
    guard isEpoch || isDate else { return nil }
    let end = place + count
    return byte(end) == UInt8(ascii: ".") ? end + 1 + digits(end + 1) : end
  }

  private func isIn(_ place: Int, _ range: ClosedRange<Int>) -> Bool {
    guard Self.isDigit(byte(place)), Self.isDigit(byte(place + 1)) else { return false }
    return range.contains(Int(byte(place)) * 10 + Int(byte(place + 1)) - 11 * 0x30)
  }

  /// `2026-11-23`, `23.11.2026`, `11/23/2026`, each with a time behind it or without.
  private func date(_ place: Int) -> Int? {
    let count = digits(place)
    var end = place + count
    if count == 8, byte(end) == UInt8(ascii: "T"), digits(end + 1) == 6 {
      end += 7
      return zone(end)
    }
    let mark = byte(end)
    // Most numbers are none, and each is asked: no array is made for it.
    guard
      mark == UInt8(ascii: "-") || mark == UInt8(ascii: "/") || mark == UInt8(ascii: ".")
    else { return nil }
    let second = digits(end + 1)
    guard (1...2).contains(second), byte(end + 1 + second) == mark else { return nil }
    let third = digits(end + second + 2)
    guard (count == 4 && (1...2).contains(third)) || ((1...2).contains(count) && third == 4) else {
      return nil
    }
    end += second + 2 + third
    let behind = end
    switch byte(end) {
    case UInt8(ascii: "T"), UInt8(ascii: " "), UInt8(ascii: "_"): end += 1
    default: break
    }
    return time(end) ?? behind
  }

  /// `23 Nov 2026`, with a time behind it or without.
  private func dayFirst(_ place: Int) -> Int? {
    let count = digits(place)
    var end = place + count
    guard (1...2).contains(count), skip(" ", &end),
      Self.months.contains(where: { has($0, at: end) })
    else { return nil }
    end += 3
    guard skip(" ", &end), digits(end) == 4 else { return nil }
    end += 4
    return byte(end) == UInt8(ascii: " ") ? time(end + 1) ?? end : end
  }

  /// `14:30`, `14:30:05.123`, with a zone or without.
  private func time(_ place: Int) -> Int? {
    var end = place
    guard (1...2).contains(digits(end)) else { return nil }
    end += digits(end)
    guard skip(":", &end), digits(end) == 2 else { return nil }
    end += 2
    if byte(end) == UInt8(ascii: ":"), digits(end + 1) == 2 { end += 3 }
    let mark = byte(end)
    if mark == UInt8(ascii: ".") || mark == UInt8(ascii: ","), digits(end + 1) > 0 {
      end += 1 + digits(end + 1)
    }
    return zone(end)
  }

  private func zone(_ place: Int) -> Int {
    if byte(place) == UInt8(ascii: "Z") { return place + 1 }
    let sign = byte(place) == UInt8(ascii: " ") ? place + 1 : place
    guard byte(sign) == UInt8(ascii: "+") || byte(sign) == UInt8(ascii: "-") else { return place }
    switch digits(sign + 1) {
    case 4: return sign + 5
    case 2 where byte(sign + 3) == UInt8(ascii: ":") && digits(sign + 4) == 2: return sign + 6
    default: return place
    }
  }

  private static let units: [StaticString] = [
    "milliseconds", "microseconds", "nanoseconds", "seconds", "minutes", "second", "minute",
    "hours", "hour", "days", "day", "secs", "mins", "sec", "min", "hrs", "hr", "ms", "us", "ns",
    "\u{b5}s", "s", "m", "h", "d",
  ]

  /// `407 ms`, `3.2s`, `1h30m`, `4 min 10 s`.
  private func duration(_ place: Int) -> Int? {
    var (end, found): (Int, Int?) = (place, nil)
    while digits(end) > 0 {
      end += digits(end)
      if byte(end) == UInt8(ascii: "."), digits(end + 1) > 0 { end += 1 + digits(end + 1) }
      if byte(end) == UInt8(ascii: " ") { end += 1 }
      guard Self.beginsUnit(byte(end)), let unit = Self.units.first(where: { has($0, at: end) })
      else {
        return found
      }
      end += unit.utf8CodeUnitCount
      // `5 mails` is no duration; `1h30m` is.
      guard !Self.isLetter(byte(end)) else { return found }
      found = end
      if byte(end) == UInt8(ascii: " ") { end += 1 }
    }
    return found
  }

  /// Tells whether one of the units begins so: few numbers have one, and there are many units.
  private static func beginsUnit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "d"), UInt8(ascii: "h"), UInt8(ascii: "m"), UInt8(ascii: "n"),
      UInt8(ascii: "s"), UInt8(ascii: "u"), 0xc2:
      true
    default: false
    }
  }

  private func address(_ place: Int) -> (Int, Kind)? {
    let end = endOfWord(place)
    return end >= place + 6 ? (end, .address) : nil
  }

  // MARK: Words

  private func word(_ place: Int) -> (Int, Kind)? {
    let end = endOfWord(place)
    switch end - place {
    case 3:
      if let end = namedDate(place) { return (end, .time) }
      if isPID(place, "pid") || isPID(place, "PID") || isPID(place, "Pid") {
        return pid(end)
      }
      if has("tmp.", at: place), endOfWord(place + 4) >= place + 10 {
        return (endOfWord(place + 4), .temporary)
      }
      return nil
    case 7 where has("process", at: place) || has("Process", at: place): return pid(end)
    case ..<8: return nil
    default: return id(place, end)
    }
  }

  private func isPID(_ place: Int, _ word: StaticString) -> Bool { has(word, at: place) }

  /// The number behind `pid`, with it.
  private func pid(_ place: Int) -> (Int, Kind)? {
    var end = place
    while end < place + 2, " =:#".utf8.contains(byte(end)) { end += 1 }
    let count = digits(end)
    guard end > place, count > 0 else { return nil }
    return (end + count, .pid)
  }

  private static let months: [StaticString] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]
  private static let days: [StaticString] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]

  /// `Nov 23 14:30:05`, `Sun Nov 23`, `Sun, 23 Nov 2026`: the rest of the last two is found by itself.
  private func namedDate(_ place: Int) -> Int? {
    // All of them begin with a capital, and most words do not.
    guard byte(place) & 0x20 == 0 else { return nil }
    var end = place + 3
    if Self.days.contains(where: { has($0, at: place) }) {
      if byte(end) == UInt8(ascii: ",") { end += 1 }
      guard skip(" ", &end) else { return nil }
      let isDate = Self.months.contains { has($0, at: end) } || digits(end) > 0
      return isDate ? end : nil
    }
    guard Self.months.contains(where: { has($0, at: place) }), skip(" ", &end) else { return nil }
    _ = skip(" ", &end)
    let count = digits(end)
    guard count == 1 || count == 2 || count == 4 else { return nil }
    end += count
    var behind = end
    if byte(end) == UInt8(ascii: " "), let time = time(end + 1) { (end, behind) = (time, time) }
    if byte(end) == UInt8(ascii: " "), digits(end + 1) == 4 { behind = end + 5 }
    return behind
  }

  /// A UUID, the digest of something, an id of letters and digits.
  private func id(_ place: Int, _ end: Int) -> (Int, Kind)? {
    let length = end - place
    guard length >= 8 else { return nil }
    var (digits, hex) = (0, 0)
    for index in place..<end {
      if Self.isDigit(bytes[index]) { digits += 1 }
      if (bytes[index] | 0x20) &- 0x61 < 6 { hex += 1 }
    }
    let letters = length - digits
    if hex == letters {
      if length == 8, let end = uuid(place) { return (end, .id) }
      if digits > 0, letters > 0 || length >= 32 { return (end, .id) }
    }
    return length >= 16 && digits >= 3 && letters >= 3 ? (end, .id) : nil
  }

  private func uuid(_ place: Int) -> Int? {
    var end = place
    for (index, length) in [8, 4, 4, 4, 12].enumerated() {
      if index > 0, !skip("-", &end) { return nil }
      guard endOfWord(end) == end + length else { return nil }
      end += length
    }
    return end
  }

  // MARK: Signs

  private func temporary(_ place: Int) -> (Int, Kind)? {
    let folders: [StaticString] = ["/tmp/", "/var/tmp/", "/dev/shm/"]
    guard let folder = folders.first(where: { has($0, at: place) }) else { return nil }
    var end = place + folder.utf8CodeUnitCount
    let begin = end
    while end < bytes.count, bytes[end] > 0x20, !"/'\"`,:;)]}>".utf8.contains(bytes[end]) {
      end += 1
    }
    return end > begin ? (end, .temporary) : nil
  }

  /// `sshd[4102]`, and a kernel's `[   12.345678]`.
  private func bracket(_ place: Int) -> (Int, Kind)? {
    var end = place + 1
    while byte(end) == UInt8(ascii: " ") { end += 1 }
    let count = digits(end)
    guard count > 0 else { return nil }
    end += count
    if byte(end) == UInt8(ascii: "]"), place > 0, Self.isWord(bytes[place - 1]),
      end == place + 1 + count
    {
      return (end + 1, .pid)
    }
    guard byte(end) == UInt8(ascii: "."), digits(end + 1) == 6, byte(end + 7) == UInt8(ascii: "]")
    else { return nil }
    return (end + 8, .time)
  }
}
