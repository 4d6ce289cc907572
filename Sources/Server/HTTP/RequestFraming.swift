internal import NIOCore

/// Takes the bytes of a connection apart into heads and bodies, before NIO's decoder sees any of them (RFC 9112). It is
/// strict: of what two programs could read in two ways, it takes nothing. A value: it does nothing by itself.
struct RequestFraming {
  enum Piece: Equatable {
    /// The head: everything up to the empty line, and with it.
    case head(ByteBuffer, RequestHead)
    /// The bytes of a body as they came, with the sizes of chunks.
    case body(ByteBuffer)
    case end
  }

  private enum Stage {
    case head
    case body(left: Int64)
    case chunkSize
    case chunk(left: Int64)
    case chunkEnd
    case trailer(fields: Int, bytes: Int)
    case dead
  }

  private let limits: HTTPLimits
  private var buffer = ByteBuffer()
  private var stage = Stage.head
  /// The head has no end in so many bytes.
  private var scanned = 0
  /// The bytes of the body that is being read, without the sizes of chunks.
  private var bodyBytes: Int64 = 0

  init(_ limits: HTTPLimits) { self.limits = limits }

  /// A head has begun and not ended.
  var isInsideHead: Bool {
    if case .head = stage { buffer.readableBytes > 0 } else { false }
  }

  mutating func receive(_ bytes: ByteBuffer) {
    if case .dead = stage { return }
    if buffer.readableBytes == 0 {
      buffer = bytes
    } else {
      buffer.writeImmutableBuffer(bytes)
    }
  }

  /// The next piece; nil when more bytes are needed. After a violation nothing more is read.
  mutating func next() throws(HTTPViolation) -> Piece? {
    do throws(HTTPViolation) { return try piece() } catch {
      stage = .dead
      buffer = ByteBuffer()
      throw error
    }
  }

  private mutating func piece() throws(HTTPViolation) -> Piece? {
    switch stage {
    case .dead: return nil
    case .head: return try head()
    case .body(let left): return body(left)
    case .chunkSize:
      guard let line = try line(limit: 256) else { return nil }
      let size = try Self.chunkSize(line)
      bodyBytes += size
      guard bodyBytes <= limits.body else { throw .bodyTooLarge }
      stage = size == 0 ? .trailer(fields: 0, bytes: 0) : .chunk(left: size)
      return .body(line)
    case .chunk(let left):
      guard let bytes = take(upTo: left) else { return nil }
      let rest = left - Int64(bytes.readableBytes)
      stage = rest == 0 ? .chunkEnd : .chunk(left: rest)
      return .body(bytes)
    case .chunkEnd:
      guard buffer.readableBytes >= 2 else { return nil }
      guard let end = buffer.readSlice(length: 2), end.readableBytesView.elementsEqual([13, 10])
      else { throw .malformed("a chunk is longer than it says") }
      stage = .chunkSize
      return .body(end)
    case .trailer(let fields, let bytes): return try trailer(fields, bytes)
    }
  }

  // MARK: The head

  private mutating func head() throws(HTTPViolation) -> Piece? {
    skipEmptyLines()
    guard buffer.readableBytes > 0 else { return nil }
    let view = buffer.readableBytesView
    // The gate tells at once a browser that begins TLS here, or somebody who speaks something else.
    guard let first = view.first, HTTPGrammar.isToken(first) else {
      throw .malformed("what came is no request of HTTP/1.1")
    }
    guard let count = headLength(view) else {
      scanned = max(0, view.count - 3)
      guard view.count <= limits.head else {
        let hasTarget = view.prefix(limits.target + 32).contains(13)
        throw hasTarget ? .headTooLarge : .targetTooLong
      }
      // The gate does not wait for a line that cannot become right.
      return nil
    }
    guard let bytes = buffer.readSlice(length: count) else { return nil }
    scanned = 0
    let head = try HTTPGrammar.head(bytes.readableBytesView, limits)
    bodyBytes = 0
    switch head.body {
    case .none: stage = .body(left: 0)
    case .length(let length): stage = .body(left: length)
    case .chunked: stage = .chunkSize
    }
    return .head(bytes, head)
  }

  /// A client may send one before a request (RFC 9112, 2.2).
  private mutating func skipEmptyLines() {
    while scanned == 0, buffer.readableBytes >= 2,
      buffer.readableBytesView.prefix(2).elementsEqual([13, 10])
    {
      buffer.moveReaderIndex(forwardBy: 2)
    }
  }

  private func headLength(_ view: ByteBufferView) -> Int? {
    view.withUnsafeBytes { bytes in
      var index = scanned
      while index + 3 < bytes.count {
        // The loop steps over four bytes at a time where none of them can be part of the end.
        switch bytes[index + 3] {
        case 10:
          if bytes[index] == 13, bytes[index + 1] == 10, bytes[index + 2] == 13 {
            return index + 4
          }
          index += 2
        case 13: index += 1
        default: index += 4
        }
      }
      return nil
    }
  }

  // MARK: The body

  private mutating func body(_ left: Int64) -> Piece? {
    guard left > 0 else {
      stage = .head
      return .end
    }
    guard let bytes = take(upTo: left) else { return nil }
    stage = .body(left: left - Int64(bytes.readableBytes))
    return .body(bytes)
  }

  private mutating func take(upTo count: Int64) -> ByteBuffer? {
    let length = Int(clamping: min(count, Int64(buffer.readableBytes)))
    return length > 0 ? buffer.readSlice(length: length) : nil
  }

  /// A line with its end; nil where it has none yet.
  private mutating func line(limit: Int) throws(HTTPViolation) -> ByteBuffer? {
    let view = buffer.readableBytesView
    guard let end = view.prefix(limit).firstIndex(of: 10) else {
      guard view.count < limit else { throw .malformed("the size of a chunk has no end") }
      return nil
    }
    return buffer.readSlice(length: end - view.startIndex + 1)
  }

  private static func chunkSize(_ line: ByteBuffer) throws(HTTPViolation) -> Int64 {
    let bytes = Array(line.readableBytesView)
    guard bytes.suffix(2) == [13, 10] else { throw .malformed("a line of a chunk ends wrongly") }
    let text = bytes.dropLast(2)
    let digits = text.prefix { HTTPGrammar.isHexadecimal($0) }
    let rest = text.dropFirst(digits.count)
    guard (1...8).contains(digits.count),
      let size = Int64(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw .malformed("the size of a chunk is no number") }
    // Extensions of chunks have no meaning here, but for who hides something in them.
    guard rest.isEmpty || rest.first == UInt8(ascii: ";"),
      rest.allSatisfy({ $0 >= 0x20 && $0 != 0x7f })
    else { throw .malformed("the size of a chunk is no number") }
    return size
  }

  private mutating func trailer(_ fields: Int, _ bytes: Int) throws(HTTPViolation) -> Piece? {
    guard let line = try line(limit: limits.head) else { return nil }
    let view = line.readableBytesView
    guard view.suffix(2).elementsEqual([13, 10]) else { throw .malformed("a field ends wrongly") }
    guard view.count > 2 else {
      stage = .body(left: 0)
      return .body(line)
    }
    guard fields < limits.fields, bytes + view.count <= limits.head else { throw .headTooLarge }
    let field = try HTTPGrammar.field(Array(view.dropLast(2)))
    guard !["content-length", "transfer-encoding", "host"].contains(field.name) else {
      throw .malformed("\(field.name) stands behind the body")
    }
    stage = .trailer(fields: fields + 1, bytes: bytes + view.count)
    return .body(line)
  }
}
