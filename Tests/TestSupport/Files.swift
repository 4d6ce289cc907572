internal import Glibc
internal import Linux

/// Files as tests need them: whole, small, and gone afterwards.
package enum Files {
  package static func makeTemporaryDirectory() throws -> String {
    let parent = Environment.value("TMPDIR") ?? "/tmp"
    var template = Array("\(parent)/taro-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemCallError("mkdtemp", parent) }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Removes a directory with all that is in it; what cannot be removed stays.
  package static func removeTree(_ path: String) { removeTree(Array(path.utf8CString.dropLast())) }

  private static func removeTree(_ path: [CChar]) {
    for name in rawNames(in: path) { removeTree(path + [0x2f] + name) }
    remove(path + [0])
  }

  package static func contents(_ path: String) throws -> [UInt8] {
    guard let bytes = RawIO.contents(of: path, limit: 1 << 30) else {
      throw SystemCallError("read", path)
    }
    return bytes
  }

  package static func text(_ path: String) throws -> String {
    String(decoding: try contents(path), as: UTF8.self)
  }

  /// The lines of a text file, without the empty ones.
  package static func lines(_ path: String) throws -> [String] {
    try text(path).split(separator: "\n").map(String.init)
  }

  package static func write(_ bytes: [UInt8], to path: String) throws {
    let file = try Descriptor.open(path, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
    try bytes.withUnsafeBytes { try RawIO.writeAll(file.fd, $0) }
  }

  /// The size in bytes, 0 when there is no such file.
  package static func size(_ path: String) -> Int { status(path).map { Int($0.st_size) } ?? 0 }

  /// The permission bits, nil when there is no such file.
  package static func mode(_ path: String) -> UInt32? { status(path).map { $0.st_mode & 0o7777 } }

  package static func exists(_ path: String) -> Bool { status(path) != nil }

  private static func status(_ path: String) -> stat? {
    var info = stat()
    return lstat(path, &info) == 0 ? info : nil
  }

  /// What a symbolic link points to, nil when there is none.
  package static func link(_ path: String) -> String? {
    var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = buffer.withUnsafeMutableBytes { bytes in
      bytes.withMemoryRebound(to: CChar.self) { name in
        name.baseAddress.map { readlink(path, $0, name.count) } ?? -1
      }
    }
    return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
  }

  /// The names in a directory, sorted.
  package static func names(in path: String) -> [String] {
    rawNames(in: path.utf8CString.dropLast())
      .map { name in String(decoding: name.map { UInt8(bitPattern: $0) }, as: UTF8.self) }
      .sorted()
  }

  /// As the kernel has them: not every name is UTF-8.
  private static func rawNames(in path: some Collection<CChar>) -> [[CChar]] {
    var info = stat()
    let path = Array(path) + [0]
    // A link to a directory is no directory here.
    guard lstat(path, &info) == 0, info.st_mode & S_IFMT == S_IFDIR, let directory = opendir(path)
    else { return [] }
    defer { closedir(directory) }
    var names: [[CChar]] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        bytes.prefix { $0 != 0 }.map { CChar(bitPattern: $0) }
      }
      if name != [0x2e], name != [0x2e, 0x2e] { names.append(name) }
    }
    return names
  }

  /// Bytes that no codec makes smaller.
  package static func randomBytes(_ count: Int) throws -> [UInt8] {
    let source = try Descriptor.open("/dev/urandom", O_RDONLY)
    var bytes = [UInt8](repeating: 0, count: count)
    var filled = 0
    while filled < count {
      let transfer = bytes.withUnsafeMutableBytes { buffer in
        RawIO.read(source.fd, into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
      }
      guard case .bytes(let more) = transfer else { throw SystemCallError("read", "/dev/urandom") }
      filled += more
    }
    return bytes
  }
}
