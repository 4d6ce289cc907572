internal import HummingbirdCore
internal import NIOCore

/// Takes the pieces of an answer's body; each waits until the one who asked has room for it.
struct AnswerWriter: Sendable {
  // Only the task that answers has it.
  nonisolated(unsafe) private let writer: any ResponseBodyWriter

  init(_ writer: any ResponseBodyWriter) { self.writer = writer }

  /// - Throws: when nobody is there any more.
  @concurrent
  func write(_ bytes: ByteBuffer) async throws {
    nonisolated(unsafe) var writer = writer
    try await writer.write(bytes)
  }

  func write(_ text: String) async throws { try await write(ByteBuffer(string: text)) }
  func write(_ bytes: [UInt8]) async throws { try await write(ByteBuffer(bytes: bytes)) }

  @concurrent
  func finish() async throws {
    nonisolated(unsafe) let writer = writer
    try await writer.finish(nil)
  }
}
