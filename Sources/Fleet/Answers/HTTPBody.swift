internal import Events

/// A server's answer to one request: its documents, whatever shape they come in.
struct HTTPBody {
  enum Item: Equatable {
    case begun
    case line([UInt8])
    case bytes([UInt8])
  }

  enum End: Equatable {
    case whole
    /// There is another page.
    case next(HTTPAsking.Step)
    /// A position was found.
    case position(String)
    /// There is no such thing, or it cannot be done: the server says why.
    case nothing(String)
  }

  private let shape: HTTPAsking.Shape
  private let mostRows: Int?
  private var reader = HTTPReader()
  private var lines: AnswerReader
  private var body: [UInt8] = []
  private(set) var isComplete = false

  private static let marker = "b"

  init(_ shape: HTTPAsking.Shape, _ mostRows: Int?) {
    self.shape = shape
    self.mostRows = mostRows
    var form = HTTPAsking.Form.stream
    if case .lines(let wanted) = shape { form = wanted }
    lines = AnswerReader(marker: Self.marker, form)
  }

  mutating func take(_ bytes: ArraySlice<UInt8>, _ give: (Item) throws -> Void) throws {
    var items: [HTTPReader.Item] = []
    try reader.take(bytes) { items.append($0) }
    for item in items {
      switch item {
      case .head(let head):
        if head.status < 400 {
          if shape != .position { try give(.begun) }
          try lines.take(Array("\(Self.marker) [] x\n".utf8)[...]) { _ in }
        }
      case .body(let bytes): try takeBody(bytes, give)
      }
    }
  }

  private var isGood: Bool { (reader.head?.status ?? 500) < 400 }

  private mutating func takeBody(_ bytes: [UInt8], _ give: (Item) throws -> Void) throws {
    guard isGood else {
      body += bytes.prefix(max(0, AnswerReader.longestGreeting - body.count))
      return
    }
    switch shape {
    case .lines:
      try lines.take(bytes[...]) { item in
        if case .line(let line) = item { try give(.line(line)) }
      }
    case .bytes: try give(.bytes(bytes))
    case .list, .document, .position, .done:
      guard body.count + bytes.count <= Self.largestPage else {
        throw HostFailure(.answer, "a page of it is larger than \(Self.largestPage >> 20) MiB")
      }
      body += bytes
    }
  }

  private static let largestPage = 16 << 20

  /// Reads what has come when all has.
  mutating func finish(_ give: (Item) throws -> Void) throws -> End {
    guard let status = reader.head?.status else { throw AnswerReader.noAnswer }
    guard status < 400 else { return try refusal(status) }
    guard (200..<300).contains(status) else {
      throw HostFailure(.answer, "the server answers with status \(status)")
    }
    isComplete = true
    switch shape {
    case .bytes: return .whole
    case .lines:
      try lines.finish { item in if case .line(let line) = item { try give(.line(line)) } }
      return .whole
    case .done(let text):
      try give(.line(Array(text.utf8)))
      return .whole
    case .document:
      try give(.line(Array(try json().text.utf8)))
      return .whole
    case .position:
      guard let head = try json()["head"]?.integer, head >= 0 else { throw AnswerReader.noAnswer }
      return .position("\(head)")
    case .list(let name):
      let page = try json()
      guard let rows = page["_embedded"]?[name]?.array else { throw AnswerReader.noAnswer }
      for row in rows.prefix(mostRows ?? .max) { try give(.line(Array(row.text.utf8))) }
      guard let next = page["_links"]?["next"]?["href"]?.string else { return .whole }
      guard next.hasPrefix("/"), !next.hasPrefix("//"), next.utf8.count < 8192,
        next.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
      else { throw AnswerReader.noAnswer }
      return .next(HTTPAsking.Step(next, shape))
    }
  }

  private func json() throws -> JSON {
    do throws(JSON.SyntaxError) {
      return try JSON(parsing: String(decoding: body, as: UTF8.self))
    } catch { throw HostFailure(.answer, "it is no JSON: \(error)") }
  }

  private func refusal(_ status: Int) throws -> End {
    let problem = try? JSON(parsing: String(decoding: body, as: UTF8.self))
    let detail = problem?["detail"]?.string ?? problem?["title"]?.string ?? "status \(status)"
    switch status {
    case 401, 403: throw HostFailure(.authentication, detail)
    case 404, 409, 410: return .nothing(detail)
    case 400, 405, 415, 422: throw HostFailure(.version, detail)
    default: throw HostFailure(.answer, detail)
    }
  }
}
