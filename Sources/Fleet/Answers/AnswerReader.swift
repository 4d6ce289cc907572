internal import Documents
internal import Events

/// Reads what a host says: finds the place where its answer begins, and takes it apart into lines. Nothing of it is
/// believed, and no more of it is kept than a line.
struct AnswerReader {
  typealias Mode = Asking.Form

  enum Item: Equatable {
    /// Tells who answers; nil for an older version than those that say so. `found` is what the preparation has found.
    case begun(AnswerProtocol?, found: String)
    case line([UInt8])
    case bytes([UInt8])
  }

  static let largestAnswer = 64 << 20
  static let longestLine = 1 << 20
  /// Whatever a shell greets with.
  static let longestGreeting = 256 << 10

  private let marker: [UInt8]
  private let mode: Mode
  private(set) var hasBegun = false
  private var line: [UInt8] = []
  private var total = 0

  init(marker: String, _ mode: Mode) {
    self.marker = Array(marker.utf8)
    self.mode = mode
  }

  mutating func take(
    _ bytes: ArraySlice<UInt8>, _ give: (Item) throws -> Void
  ) throws {
    total += bytes.count
    var rest = bytes
    while !rest.isEmpty {
      if hasBegun, mode == .bytes || mode == .text {
        try checkSize()
        return try give(.bytes(Array(rest)))
      }
      guard let feed = rest.firstIndex(of: 0x0a) else {
        try keep(rest)
        break
      }
      try keep(rest[..<feed])
      rest = rest[(feed + 1)...]
      try finishLine(give)
    }
    try checkSize()
    if !hasBegun, total > Self.longestGreeting { throw Self.noAnswer }
  }

  private func checkSize() throws {
    guard hasBegun, mode == .documents || mode == .text, total > Self.largestAnswer else { return }
    throw HostFailure(.answer, "it is larger than \(Self.largestAnswer >> 20) MiB")
  }

  /// - Parameter give: gets the last line where that has no end of its own.
  mutating func finish(_ give: (Item) throws -> Void) throws {
    guard hasBegun, !line.isEmpty else { return }
    try finishLine(give)
  }

  static let noAnswer = HostFailure(.answer, "what came is not what was asked for")

  private mutating func keep(_ bytes: ArraySlice<UInt8>) throws {
    guard line.count + bytes.count <= Self.longestLine else {
      // Of what comes before the answer a line is not kept.
      guard hasBegun else { return line = [] }
      throw HostFailure(.answer, "it has a line of more than \(Self.longestLine >> 20) MiB")
    }
    line += bytes
  }

  private mutating func finishLine(_ give: (Item) throws -> Void) throws {
    defer { line.removeAll(keepingCapacity: true) }
    guard !hasBegun else {
      if line.last == 0x0d { line.removeLast() }
      if !line.isEmpty { try give(.line(line)) }
      return
    }
    guard line.starts(with: marker + [UInt8(ascii: " ")]) else { return }
    hasBegun = true
    total = 0
    let text = String(decoding: line.dropFirst(marker.count + 1), as: UTF8.self)
    try give(try Self.beginning(text))
  }

  /// Reads `[found] protocol`.
  private static func beginning(_ text: String) throws -> Item {
    guard text.hasPrefix("["), let end = text.range(of: "] ") else { throw noAnswer }
    let found = String(text[text.index(after: text.startIndex)..<end.lowerBound])
    let words = text[end.upperBound...]
    guard words != "missing" else { throw HostFailure(.missing, "it is not there") }
    if words.hasPrefix("{") {
      guard let said = try? AnswerProtocol(JSON(parsing: String(words))) else { throw noAnswer }
      return .begun(said, found: found)
    }
    return .begun(nil, found: found)
  }
}

extension String {
  fileprivate func range(of text: String) -> Range<String.Index>? { firstRange(of: text) }
}
