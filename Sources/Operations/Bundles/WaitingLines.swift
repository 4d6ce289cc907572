internal import Glibc
internal import Linux

/// Lines that wait on disk until it is their turn, in a file without a name: there may be more than fit into memory.
final class WaitingLines {
  private let file: Descriptor
  private var buffer: [UInt8] = []

  private static let bufferSize = 64 << 10

  init() throws(SystemCallError) { file = try Descriptor.unnamedFile() }

  func append(_ line: String) throws(SystemCallError) {
    buffer.append(contentsOf: line.utf8)
    buffer.append(UInt8(ascii: "\n"))
    if buffer.count >= Self.bufferSize { try flush() }
  }

  private func flush() throws(SystemCallError) {
    let failure: SystemCallError? = buffer.withUnsafeBytes { bytes in
      do throws(SystemCallError) {
        try RawIO.writeAll(file.fd, bytes)
        return nil
      } catch { return error }
    }
    if let failure { throw failure }
    buffer.removeAll(keepingCapacity: true)
  }

  /// Gives them back, in pieces.
  func forEach(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    try flush()
    var position: Int64 = 0
    while true {
      let bytes = try RawIO.read(file.fd, Self.bufferSize, at: position)
      guard !bytes.isEmpty else { return }
      position += Int64(bytes.count)
      try bytes.withUnsafeBytes { bytes throws in try body(bytes) }
    }
  }
}
