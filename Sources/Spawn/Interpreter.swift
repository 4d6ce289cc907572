internal import CLinux
internal import Glibc
internal import Linux

/// The program that a file says it must be executed with: a script's `#!` line or an ELF program's loader. The kernel
/// reports one that is missing as if the file itself were (execve(2), ENOENT).
enum Interpreter {
  /// The first interpreter on the way from `path` that does not exist; nil when it cannot be told.
  static func missing(for path: [UInt8]) -> [UInt8]? {
    var path = path
    // The kernel follows interpreters of interpreters four deep (execve(2)).
    for _ in 0..<6 {
      guard let interpreter = interpreter(of: path) else { return nil }
      guard CommandLookup.exists(interpreter) else { return interpreter }
      path = interpreter
    }
    return nil
  }

  /// True for what no shell should be asked to read: an ELF file, or one with a NUL in its first line,
  /// which is how shells tell (POSIX, Shell Command Language, 2.9.1.4).
  static func isBinary(_ path: [UInt8]) -> Bool {
    guard let file = open(path), let start = bytes(of: file, at: 0, count: 256) else {
      return false
    }
    return start.starts(with: elfMagic) || start.prefix { $0 != newline }.contains(0)
  }

  private static let newline = UInt8(ascii: "\n")
  private static let elfMagic: [UInt8] = [0x7f] + Array("ELF".utf8)

  private static func interpreter(of path: [UInt8]) -> [UInt8]? {
    guard let file = open(path), let start = bytes(of: file, at: 0, count: 256) else { return nil }
    if start.starts(with: elfMagic) { return loader(of: file, header: start) }
    guard start.starts(with: Array("#!".utf8)) else { return nil }
    let line = start.dropFirst(2).prefix { $0 != newline && $0 != 0 }
    let name = line.drop(while: isBlank).prefix { !isBlank($0) }
    return name.isEmpty ? nil : Array(name)
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
  }

  /// The PT_INTERP segment (elf(5)). The file is of this machine's byte order, or the kernel would not
  /// have looked for its loader.
  private static func loader(of file: borrowing Descriptor, header: [UInt8]) -> [UInt8]? {
    let is64 = header.count > 4 && header[4] == 2
    let table = is64 ? integer(UInt64.self, header, 32) : integer(UInt32.self, header, 28)
    let size = integer(UInt16.self, header, is64 ? 54 : 42)
    let count = integer(UInt16.self, header, is64 ? 56 : 44)
    guard let table, let size, let count else { return nil }
    for index in 0..<count {
      guard let entry = bytes(of: file, at: table + index * size, count: size),
        let type = integer(UInt32.self, entry, 0)
      else { return nil }
      guard type == 3 else { continue }
      let offset = is64 ? integer(UInt64.self, entry, 8) : integer(UInt32.self, entry, 4)
      guard let offset, let name = bytes(of: file, at: offset, count: Int(PATH_MAX)) else {
        return nil
      }
      return Array(name.prefix { $0 != 0 })
    }
    return nil
  }

  private static func integer<Value: FixedWidthInteger & BitwiseCopyable>(
    _ type: Value.Type, _ bytes: [UInt8], _ offset: Int
  ) -> Int? {
    guard offset + MemoryLayout<Value>.size <= bytes.count else { return nil }
    let value = unsafe bytes.withUnsafeBytes {
      unsafe $0.loadUnaligned(fromByteOffset: offset, as: Value.self)
    }
    // A damaged file may say anything; half of the range keeps sums of two from overflowing.
    guard let value = Int(exactly: value), value < Int.max / 2 else { return nil }
    return value
  }

  private static func open(_ path: [UInt8]) -> Descriptor? {
    let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK
    let fd = unsafe CommandLookup.withCString(path) { unsafe clinux_open($0, flags, 0) }
    return fd < 0 ? nil : Descriptor(owning: fd)
  }

  private static func bytes(of file: borrowing Descriptor, at offset: Int, count: Int) -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: count)
    let length = unsafe pread(file.fd, &buffer, count, off_t(offset))
    return length < 0 ? nil : Array(buffer[..<length])
  }
}
