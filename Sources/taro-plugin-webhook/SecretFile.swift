internal import Glibc
internal import Linux
internal import PluginSupport

/// A file with a secret in its first line: an address, a token. It is read each time, so that a new one counts at once.
struct SecretFile {
  private static let limit = 8192

  let path: String

  init(_ path: String, _ key: String) throws(PluginError) {
    guard path.hasPrefix("/") else {
      throw .settings("\(key) has to be a path that begins with /")
    }
    self.path = path
  }

  /// The reason why there is none; it names the file and nothing that stands in it.
  struct Refusal: Error, CustomStringConvertible { let description: String }

  func read() throws -> String {
    if let distrust = PathTrust.distrust(file: path) {
      throw Refusal(description: "\(path) is not used: \(distrust.reason(for: path))")
    }
    let file = try Descriptor.open(path, O_RDONLY)
    var info = stat()
    guard fstat(file.fd, &info) == 0, info.st_mode & 0o004 == 0 else {
      throw Refusal(description: "\(path) is not used: everybody can read it; say chmod 600")
    }
    let bytes = try RawIO.readAll(file.fd, limit: Self.limit)
    let line = bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
    guard !line.isEmpty, line.allSatisfy({ (0x21...0x7e).contains($0) }) else {
      throw Refusal(description: "\(path) has no secret in its first line")
    }
    return String(decoding: line, as: UTF8.self)
  }
}
