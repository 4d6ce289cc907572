internal import Events
internal import Glibc
internal import Linux

/// Output that is kept back until it is known whether it is wanted, in the order in which it came. A little of it is
/// in memory, what is more in a file without a name: memory does not grow with it, and nothing is left behind.
final class DeferredOutput {
  /// A piece of one stream, as it was read.
  private struct Header {
    static let size = 5
    var stream: OutputStream
    var length: Int

    init(_ stream: OutputStream, _ length: Int) {
      self.stream = stream
      self.length = length
    }

    init?(_ bytes: [UInt8]) {
      guard bytes.count == Self.size else { return nil }
      stream = bytes[0] == 1 ? .stdout : .stderr
      length = bytes[1...].reduce(0) { $0 << 8 | Int($1) }
    }

    var bytes: [UInt8] {
      [stream == .stdout ? 1 : 2]
        + (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * $0)) }
    }
  }

  private static let memoryLimit = 64 << 10
  private static let pieceLimit = 64 << 10

  private var file: Descriptor?
  /// Bytes of the file; those in `memory` follow them. No piece is partly here and partly there.
  private var fileCount = 0
  private var memory: [UInt8] = []
  /// The number of bytes that have been taken.
  private var position = 0
  /// The rest of the piece that is being taken.
  private var current: Header?

  /// Something of stderr was kept.
  private(set) var hasErrors = false

  var memoryCount: Int { memory.count }

  /// Keeps a piece. Throws when the file cannot take more; the piece is kept all the same, in memory.
  func keep(_ bytes: UnsafeRawBufferPointer, _ stream: OutputStream) throws(SystemCallError) {
    keepInMemory(bytes, stream)
    if memory.count > Self.memoryLimit { try spill() }
  }

  func keepInMemory(_ bytes: UnsafeRawBufferPointer, _ stream: OutputStream) {
    if stream == .stderr { hasErrors = true }
    memory += Header(stream, bytes.count).bytes
    memory.append(contentsOf: bytes)
  }

  private func spill() throws(SystemCallError) {
    let file = try openFile()
    var written = 0
    while written < memory.count {
      let count = memory.withUnsafeBytes { bytes in
        pwrite(
          file, bytes.baseAddress.map { $0 + written }, bytes.count - written,
          off_t(fileCount + written))
      }
      guard count >= 0 || errno == EINTR else { throw SystemCallError("write", "temporary file") }
      written += max(0, count)
    }
    fileCount += memory.count
    memory.removeAll(keepingCapacity: true)
  }

  private func openFile() throws(SystemCallError) -> Int32 {
    if let fd = file?.fd { return fd }
    let new = try Descriptor.unnamedFile()
    let fd = new.fd
    file = .some(new)
    return fd
  }

  /// Takes the next bytes of one stream, at most 64 KiB; nil when all has been taken. Throws when the file cannot be
  /// read.
  func next() throws(SystemCallError) -> (stream: OutputStream, bytes: [UInt8])? {
    while true {
      if let piece = current, piece.length > 0 {
        let bytes = try take(min(piece.length, Self.pieceLimit))
        current?.length -= bytes.count
        return (piece.stream, bytes)
      }
      current = nil
      guard position < fileCount + memory.count else { return nil }
      current = Header(try take(Header.size))
    }
  }

  private func take(_ count: Int) throws(SystemCallError) -> [UInt8] {
    defer { position += count }
    guard position < fileCount, let fd = file?.fd else {
      let start = position - fileCount
      return Array(memory[start..<start + count])
    }
    var bytes = [UInt8](repeating: 0, count: count)
    var filled = 0
    while filled < count {
      let more = bytes.withUnsafeMutableBytes { buffer in
        pread(
          fd, buffer.baseAddress.map { $0 + filled }, count - filled, off_t(position + filled))
      }
      guard more > 0 || (more < 0 && errno == EINTR) else {
        throw SystemCallError("read", "temporary file", more == 0 ? Errno(EIO) : .current)
      }
      filled += max(0, more)
    }
    return bytes
  }
}
