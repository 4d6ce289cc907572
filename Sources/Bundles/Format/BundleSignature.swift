internal import Documents
internal import Events
internal import Glibc
internal import Linux
internal import Spawn

/// A signature of ssh-keygen's over a manifest (PROTOCOL.sshsig).
package struct BundleSignature {
  /// As it stands in the bundle: in one form only, so that a changed bit shows.
  package let armored: String

  private static let begin = "-----BEGIN SSH SIGNATURE-----\n"
  private static let end = "-----END SSH SIGNATURE-----\n"
  private static let lineLength = 70

  /// The reason that nothing was signed or checked for.
  package enum Failure: Error, Sendable {
    case notSigned(String)
    case notChecked(String)
  }

  /// Signs with a key of ssh's: the file of a private key, or of a public one whose private one an agent has. ssh-keygen may ask
  /// for a passphrase on the terminal.
  package init(signing text: String, key: String) throws {
    let done = try SSHKeygen.run(
      ["-Y", "sign", "-f", key, "-n", BundleFormat.namespace], input: Array(text.utf8),
      or: Failure.notSigned)
    guard done.code == 0, let signature = Self.parsed(done.output) else {
      throw Failure.notSigned(done.reason ?? "ssh-keygen has made no signature")
    }
    armored = Self.text(signature)
  }

  init(armored bytes: [UInt8]) throws(BundleRefusal) {
    let text = String(decoding: bytes, as: UTF8.self)
    guard let signature = Self.parsed(text), Array(Self.text(signature).utf8) == bytes else {
      throw BundleRefusal("manifest.json.sig is damaged")
    }
    armored = text
  }

  private static func parsed(_ text: String) -> [UInt8]? {
    guard text.hasPrefix(begin), text.hasSuffix(end) else { return nil }
    let body = text.dropFirst(begin.count).dropLast(end.count)
    return Base64.decode(String(body.filter { $0 != "\n" }))
  }

  private static func text(_ signature: [UInt8]) -> String {
    var text = begin
    var rest = Base64.encode(signature)[...]
    while !rest.isEmpty {
      text += rest.prefix(lineLength) + "\n"
      rest = rest.dropFirst(lineLength)
    }
    return text + end
  }

  /// By which key it is, and whose that is.
  func check(
    _ message: [UInt8], allowedSigners: String?
  ) throws -> BundleDocument.Signature {
    let file = try Descriptor.unnamedFile()
    try RawIO.writeAll(file.fd, armored)
    let path = "/proc/\(getpid())/fd/\(file.fd)"
    guard access(path, R_OK) == 0 else { throw Failure.notChecked("there is no /proc") }
    // Of one that is not there ssh-keygen would say that nobody is allowed.
    if let allowedSigners { _ = try Descriptor.openRegular(allowedSigners, O_RDONLY) }
    let options = ["-n", BundleFormat.namespace, "-s", path]
    let good = try SSHKeygen.run(["-Y", "check-novalidate"] + options, input: message)
    guard good.code == 0 else {
      throw BundleRefusal("its signature is not one of its manifest")
    }
    let key = good.output.firstRange(of: " with ").map {
      good.output[$0.upperBound...].prefix { $0 != "\n" }
    }
    guard let allowedSigners else {
      return .init(key: String(key ?? "a key"), principal: nil)
    }
    let found = try SSHKeygen.run(
      ["-Y", "find-principals", "-s", path, "-f", allowedSigners], input: [])
    let principals = found.output.split(separator: "\n").map(String.init)
    for principal in principals {
      let verified = try SSHKeygen.run(
        ["-Y", "verify", "-f", allowedSigners, "-I", principal] + options, input: message)
      if verified.code == 0 {
        return .init(key: String(key ?? "a key"), principal: principal)
      }
    }
    throw BundleRefusal("it is signed by \(key ?? "a key"), whom \(allowedSigners) does not allow")
  }
}

/// The ssh-keygen of this system.
enum SSHKeygen {
  struct Done {
    let code: Int32
    let output: String
    fileprivate let errors: String
    /// The last thing that it has said of what went wrong.
    var reason: String? {
      errors.split(separator: "\n").map(String.init).last { !$0.hasPrefix("Signing data") }
    }
  }

  static func run(
    _ arguments: [String], input: [UInt8],
    or failure: (String) -> BundleSignature.Failure = BundleSignature.Failure.notChecked
  ) throws -> Done {
    let stdin = try Descriptor.unnamedFile()
    let stdout = try Descriptor.unnamedFile()
    let stderr = try Descriptor.unnamedFile()
    try input.withUnsafeBytes { bytes throws in try RawIO.writeAll(stdin.fd, bytes) }
    lseek(stdin.fd, 0, SEEK_SET)
    let words = (["ssh-keygen"] + arguments).map { Array($0.utf8) }
    var launch = Launch(words, stdout: stdout.fd, stderr: stderr.fd, defaultSignals: [SIGPIPE])
    launch.stdin = stdin.fd
    // It may ask for a passphrase.
    launch.sharesProcessGroup = true
    var child: Child
    do throws(SpawnError) { child = try launch.start() } catch {
      throw failure("ssh-keygen cannot be run, which makes and checks signatures: \(error)")
    }
    let end = child.waitUntilEnd()
    func said(_ fd: Int32) throws -> String {
      String(decoding: try RawIO.read(fd, 64 << 10, at: 0), as: UTF8.self)
    }
    return Done(
      code: end.exitCode, output: try said(stdout.fd), errors: try said(stderr.fd))
  }
}
