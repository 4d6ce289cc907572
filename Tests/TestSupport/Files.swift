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
  package static func removeTree(_ path: String) {
    for name in names(in: path) { removeTree("\(path)/\(name)") }
    remove(path)
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
    // A link to a directory is no directory here.
    guard (status(path)?.st_mode ?? 0) & S_IFMT == S_IFDIR, let directory = opendir(path) else {
      return []
    }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
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
