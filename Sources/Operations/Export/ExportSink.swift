/// Collects what is exported, and gives it away in pieces.
struct ExportSink {
  private var buffer: [UInt8] = []
  private let give: (UnsafeRawBufferPointer) throws -> Void

  private static let capacity = 256 << 10

  init(_ give: @escaping (UnsafeRawBufferPointer) throws -> Void) {
    self.give = give
    buffer.reserveCapacity(Self.capacity * 2)
  }

  mutating func write(_ text: String) throws {
    buffer.append(contentsOf: text.utf8)
    try giveIfFull()
  }

  /// Lets `body` append.
  mutating func append(_ body: (inout [UInt8]) -> Void) throws {
    body(&buffer)
    try giveIfFull()
  }

  private mutating func giveIfFull() throws {
    if buffer.count >= Self.capacity { try flush() }
  }

  mutating func flush() throws {
    guard !buffer.isEmpty else { return }
    try buffer.withUnsafeBytes { bytes throws in try give(bytes) }
    buffer.removeAll(keepingCapacity: true)
  }
}
