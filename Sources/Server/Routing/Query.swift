internal import Events
internal import Operations
internal import Settings

/// The part of a target behind the question mark. Each name is taken once by the resource; what is left then is not
/// understood.
struct Query: Sendable {
  /// The query as it was sent.
  private(set) var text: Substring = ""
  private var items: [(name: String, value: String)] = []
  private var known: [String] = []

  /// - Parameter text: without the question mark.
  init(_ text: Substring) throws(Problem) {
    self.text = text
    for part in text.split(separator: "&") {
      let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = pair.first.flatMap({ PercentCoding.decode($0, plusIsBlank: true) }),
        let value = PercentCoding.decode(pair.dropFirst().first ?? "", plusIsBlank: true)
      else { throw .badParameter(String(part), "", "it is not percent-encoded UTF-8") }
      guard items.count < 100 else { throw .badRequest("there are more than 100 parameters") }
      items.append((name, value))
    }
  }

  init() {}

  /// The value of that name, if there is one; it is left.
  func value(of name: String) -> String? { items.first { $0.name == name }?.value }

  var isEmpty: Bool { items.isEmpty }

  /// Takes all values of that name.
  mutating func takeAll(_ name: String) -> [String] {
    known.append(name)
    let values = items.filter { $0.name == name }.map(\.value)
    items.removeAll { $0.name == name }
    return values
  }

  /// The same, of so many values at most, each of so many characters.
  mutating func takeAll(
    _ name: String, atMost: Int, length: ClosedRange<Int>
  ) throws(Problem) -> [String] {
    let values = takeAll(name)
    guard values.count <= atMost else {
      throw .badParameter(name, values[atMost], "it may be there \(atMost) times")
    }
    for value in values where !length.contains(value.unicodeScalars.count) {
      throw .badParameter(
        name, value, "accepted: \(length.lowerBound) to \(length.upperBound) characters")
    }
    return values
  }

  /// Returns the query with this in place of what had the name.
  func text(replacing name: String, with value: String) -> String {
    let kept = items.filter { $0.name != name }.map { item in
      item.value.isEmpty
        ? PercentCoding.encode(item.name)
        : "\(PercentCoding.encode(item.name))=\(PercentCoding.encode(item.value))"
    }
    return (kept + ["\(name)=\(PercentCoding.encode(value))"]).joined(separator: "&")
  }

  /// The one value of that name; nil where it is not there.
  mutating func take(_ name: String) throws(Problem) -> String? {
    let values = takeAll(name)
    guard values.count < 2 else {
      throw .badParameter(name, values[1], "it may be there once")
    }
    return values.first
  }

  /// True where the name stands alone, or as `true` or `1`.
  mutating func takeFlag(_ name: String) throws(Problem) -> Bool {
    switch try take(name) {
    case nil, "false", "0": return false
    case "", "true", "1": return true
    case .some(let value): throw .badParameter(name, value, "accepted: true, false")
    }
  }

  mutating func takeCount(
    _ name: String, _ range: ClosedRange<Int64>
  ) throws(Problem) -> Int64? {
    guard let text = try take(name) else { return nil }
    guard text.utf8.first != UInt8(ascii: "+"), let number = Int64(text), range.contains(number)
    else {
      throw .badParameter(
        name, text, "accepted: a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// A value that is one of these words.
  mutating func takeWord<Word: RawRepresentable & CaseIterable>(
    _ name: String, _ type: Word.Type = Word.self
  ) throws(Problem) -> Word? where Word.RawValue == String {
    guard let text = try take(name) else { return nil }
    guard let word = Word(rawValue: text) else {
      let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
      throw .badParameter(name, text, "accepted: \(words)")
    }
    return word
  }

  /// Takes a duration, microseconds: `30s`, `1m`, a number of seconds.
  mutating func takeDuration(_ name: String, atMost: Int64) throws(Problem) -> Int64? {
    guard let text = try take(name) else { return nil }
    do throws(SettingError) {
      return min(try DurationText.microseconds(text), atMost)
    } catch { throw .badParameter(name, text, "\(error.reason); \(error.remedy)") }
  }

  /// A time.
  mutating func takeTime(_ name: String, now: WallTime) throws(Problem) -> WallTime? {
    guard let text = try take(name) else { return nil }
    do throws(SettingError) { return try TimeText.time(text, now: now) } catch {
      throw .badParameter(name, text, "\(error.reason); \(error.remedy)")
    }
  }

  /// The moment as of which the answer is wanted; nil: now.
  mutating func takeMoment(now: WallTime) throws(Problem) -> AskedMoment? {
    guard let text = try take("as_of") else { return nil }
    do throws(SettingError) { return try AskedMoment(text, now: now) } catch {
      throw .badParameter("as_of", text, "\(error.reason); \(error.remedy)")
    }
  }

  /// Refuses parameters that are left when everything has been taken: a name with a slip in it is not passed over.
  func finish() throws(Problem) {
    guard let item = items.first else { return }
    let names = known.isEmpty ? "there are none here" : "there are \(known.joined(separator: ", "))"
    throw .badParameter(item.name, item.value, "there is no such parameter; \(names)")
  }
}
