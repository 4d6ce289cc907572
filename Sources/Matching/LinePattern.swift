/// Rewrites an expression that is meant for single lines so that it finds the same in a text of many of them: nothing in
/// it crosses the end of a line, and what means the beginning or end of the text means those of a line.
///
/// What it does not know it does not rewrite: such an expression is looked for line by line.
struct LinePattern {
  private let bytes: [UInt8]
  private var place = 0
  private var result: [UInt8] = []

  /// Returns the expression over many lines; nil where it is not known how.
  static func overLines(_ pattern: String) -> String? {
    var rewriting = LinePattern(bytes: Array(pattern.utf8))
    guard rewriting.rewrite() else { return nil }
    return String(decoding: rewriting.result, as: UTF8.self)
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  /// ASCII as it is; 0 for whatever else, and behind the end.
  private func letter(_ index: Int) -> UnicodeScalar {
    index < bytes.count && bytes[index] < 0x80 ? UnicodeScalar(bytes[index]) : "\0"
  }

  private func next(_ offset: Int = 0) -> UnicodeScalar { letter(place + offset) }

  private mutating func copy(_ count: Int) {
    let end = min(place + count, bytes.count)
    result += bytes[place..<end]
    place = end
  }

  private mutating func replace(_ count: Int, by text: String) {
    result += Array(text.utf8)
    place += count
  }

  /// The next bytes stand for one character, which is not to be a line feed.
  private mutating func exclude(_ length: Int) {
    result += Array(#"(?:(?!\n)"#.utf8)
    copy(length)
    result.append(UInt8(ascii: ")"))
  }

  private mutating func rewrite() -> Bool {
    while place < bytes.count {
      switch next() {
      case "\\": guard rewriteEscape() else { return false }
      case "[": guard rewriteClass() else { return false }
      case "(": guard rewriteGroup() else { return false }
      case "\n": return false
      default: copy(1)
      }
    }
    return true
  }

  private mutating func rewriteEscape() -> Bool {
    switch next(1) {
    case "d", "w", "b", "B", "t", "e", "f", "r", "a", "S", "h", "V": copy(2)
    case "s": replace(2, by: #"[^\S\n]"#)
    case "D": replace(2, by: #"[^\d\n]"#)
    case "W": replace(2, by: #"[^\w\n]"#)
    case "H": replace(2, by: #"[^\h\n]"#)
    case "A": replace(2, by: "^")
    case "z", "Z": replace(2, by: "$")
    case "N":
      guard next(2) != "{" else { return false }
      copy(2)
    case "x":
      guard let high = Character(next(2)).hexDigitValue,
        let low = Character(next(3)).hexDigitValue, high * 16 + low != 0x0a
      else { return false }
      copy(4)
    case "p", "P": return rewriteProperty()
    case "1"..."9":
      // More digits may be an octal number.
      guard !("0"..."9").contains(next(2)) else { return false }
      copy(2)
    case "0", "A"..."Z", "a"..."z", "\n": return false
    default:
      // Also the first byte of a character beyond ASCII.
      guard place + 1 < bytes.count else { return false }
      copy(2)
    }
    return true
  }

  /// `\pL`, `\p{Lu}`.
  private mutating func rewriteProperty() -> Bool {
    guard next(2) == "{" else {
      exclude(3)
      return true
    }
    guard let end = bytes[place...].firstIndex(of: UInt8(ascii: "}")) else { return false }
    exclude(end + 1 - place)
    return true
  }

  private mutating func rewriteClass() -> Bool {
    let isNegated = next(1) == "^"
    let start = place + (isNegated ? 2 : 1)
    guard let (end, mayBeLineFeed) = endOfClass(from: start) else { return false }
    let first = letter(start)
    if isNegated, first != "]", first != "-" {
      // In place of the `[^`.
      let length = end - place - 2
      replace(2, by: #"[^\n"#)
      copy(length)
    } else if isNegated || mayBeLineFeed {
      exclude(end - place)
    } else {
      copy(end - place)
    }
    return true
  }

  /// Behind the class, and whether something in it could be a line feed; nil where that is not known.
  private func endOfClass(from start: Int) -> (end: Int, mayBeLineFeed: Bool)? {
    var scan = start
    var mayBeLineFeed = false
    // The first one stands for itself.
    if letter(scan) == "]" { scan += 1 }
    while scan < bytes.count, letter(scan) != "]" {
      switch letter(scan) {
      case "\\":
        switch letter(scan + 1) {
        case "Q", "E", "\n": return nil
        case "d", "w", "S": break
        case "a"..."z", "A"..."Z", "0"..."9": mayBeLineFeed = true
        default: break
        }
        scan += 2
      case "[":
        guard [":", ".", "="].contains(letter(scan + 1)) else {
          scan += 1
          continue
        }
        // `[[:<:]]` is a place between words.
        guard !["<", ">"].contains(letter(scan + 2)), let end = endOfName(from: scan) else {
          return nil
        }
        (scan, mayBeLineFeed) = (end, true)
      case "\n": return nil
      default:
        if bytes[scan] < 0x20 { mayBeLineFeed = true }
        scan += 1
      }
    }
    return scan < bytes.count ? (scan + 1, mayBeLineFeed) : nil
  }

  /// Behind `[:alpha:]`.
  private func endOfName(from start: Int) -> Int? {
    guard start + 3 < bytes.count,
      let close = bytes[(start + 3)...].firstIndex(of: UInt8(ascii: "]")),
      bytes[close - 1] == bytes[start + 1]
    else { return nil }
    return close + 1
  }

  private mutating func rewriteGroup() -> Bool {
    guard next(1) != "*" else { return false }
    guard next(1) == "?" else {
      copy(1)
      return true
    }
    switch (next(2), next(3)) {
    case (":", _), ("=", _), ("!", _), (">", _), ("|", _): copy(3)
    case ("<", "="), ("<", "!"): copy(4)
    case ("<", _), ("'", _), ("P", "<"):
      let word = bytes[(place + (next(2) == "P" ? 4 : 3))...].prefix {
        UnicodeScalar($0).properties.isAlphabetic || (0x30...0x39).contains($0) || $0 == 0x5f
      }
      guard word.endIndex < bytes.count else { return false }
      copy(word.endIndex + 1 - place)
    default:
      // `(?i)` and `(?i:`, and the same with U and a minus.
      let letters = bytes[(place + 2)...].prefix { "iU-".utf8.contains($0) }
      guard [":", ")"].contains(letter(letters.endIndex)) else { return false }
      copy(letters.endIndex + 1 - place)
    }
    return true
  }
}
