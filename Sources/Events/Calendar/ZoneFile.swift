internal import Linux

/// Files of the zone database (tzfile(5), RFC 9636).
extension TimeZone {
  /// The zone of the host, which cron goes by: /etc/localtime, whatever $TZ says; UTC where there is none.
  package static var ofHost: TimeZone {
    RawIO.contents(of: "/etc/localtime").flatMap { TimeZone(file: $0) } ?? .utc
  }

  /// The zone of that name, such as Europe/Berlin; nil where the host does not know it.
  package static func named(_ name: String) -> TimeZone? {
    if name.uppercased() == "UTC" { return .utc }
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    let isName = parts.allSatisfy { part in
      !part.isEmpty && part.first != "." && !part.utf8.contains(0)
    }
    guard isName, name.utf8.count < 256 else { return nil }
    return RawIO.contents(of: "\(directory)/\(name)").flatMap { TimeZone(file: $0) }
  }

  private static let directory = "/usr/share/zoneinfo"

  /// Fails when the bytes are no such file.
  package init?(file bytes: [UInt8]) {
    guard var block = ZoneBlock(bytes[...], timeBytes: 4) else { return nil }
    var rule: DaylightRule?
    if block.version >= 2 {
      // The first block is for those who know 32 bits alone.
      guard let second = ZoneBlock(bytes.dropFirst(block.length), timeBytes: 8) else { return nil }
      let footer = bytes.dropFirst(block.length + second.length)
      guard footer.first == 0x0a else { return nil }
      let text = footer.dropFirst().prefix { $0 != 0x0a }
      if !text.isEmpty {
        guard let read = DaylightRule(String(decoding: text, as: UTF8.self)) else { return nil }
        rule = read
      }
      block = second
    }
    guard let table = block.table() else { return nil }
    var changes = table.changes
    // A file may be all rule.
    let first = table.first ?? rule?.standard
    guard let first else { return nil }
    if changes.isEmpty, let rule, rule.daylight == nil, rule.standard != first {
      changes = [Change(at: .min, offset: rule.standard)]
    }
    self.init(changes: changes, first: first, rule: rule)
  }
}

/// A header, and the table behind it.
private struct ZoneBlock {
  let version: Int
  private let counts: Counts
  private let timeBytes: Int
  private let body: ArraySlice<UInt8>

  private struct Counts {
    let utc, standard, leaps, times, types, characters: Int
  }

  private static let headerBytes = 44
  private static let typeBytes = 6

  init?(_ bytes: ArraySlice<UInt8>, timeBytes: Int) {
    guard bytes.count >= Self.headerBytes, bytes.starts(with: Array("TZif".utf8)) else {
      return nil
    }
    let header = Array(bytes.prefix(Self.headerBytes))
    version = header[4] == 0 ? 1 : Int(header[4]) - 0x30
    let numbers = (0..<6).map { Int(Self.number(header[(20 + $0 * 4)..<(24 + $0 * 4)])) }
    // As no file has so many, none makes a length that is no number.
    guard numbers.allSatisfy({ (0...100_000).contains($0) }) else { return nil }
    counts = Counts(
      utc: numbers[0], standard: numbers[1], leaps: numbers[2], times: numbers[3],
      types: numbers[4], characters: numbers[5])
    self.timeBytes = timeBytes
    body = bytes.dropFirst(Self.headerBytes)
    guard body.count >= length - Self.headerBytes else { return nil }
  }

  var length: Int {
    Self.headerBytes + counts.times * (timeBytes + 1) + counts.types * Self.typeBytes
      + counts.characters + counts.leaps * (timeBytes + 4) + counts.standard + counts.utc
  }

  /// Reads the table; nil when a time has a type that is not there.
  func table() -> (changes: [TimeZone.Change], first: Int?)? {
    let bytes = Array(body.prefix(length - Self.headerBytes))
    let types = counts.times * (timeBytes + 1)
    let offsets = (0..<counts.types).map { index in
      let start = types + index * Self.typeBytes
      return Int(Self.number(bytes[start..<start + 4]))
    }
    guard offsets.allSatisfy({ abs($0) <= TimeZone.longestOffset }) else { return nil }
    var changes: [TimeZone.Change] = []
    for index in 0..<counts.times {
      let at = Int(Self.number(bytes[(index * timeBytes)..<((index + 1) * timeBytes)]))
      let type = Int(bytes[counts.times * timeBytes + index])
      guard type < offsets.count, changes.last.map({ $0.at < at }) ?? true else { return nil }
      changes.append(TimeZone.Change(at: at, offset: offsets[type]))
    }
    return (changes, offsets.first)
  }

  /// A number of 4 or 8 bytes, the highest first, with a sign.
  private static func number(_ bytes: ArraySlice<UInt8>) -> Int64 {
    let bits = bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return bytes.count == 4 ? Int64(Int32(truncatingIfNeeded: bits)) : Int64(bitPattern: bits)
  }
}
