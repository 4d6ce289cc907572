internal import Glibc
internal import Ledger
internal import Linux

/// Collects what a `created` event tells.
enum CreatedFacts {
  /// - Parameter parent: the command line of whoever started this.
  static func collect(
    _ job: Job, _ instance: InstanceID, _ parent: String, _ version: String
  ) -> Created {
    var created = Created()
    created.command = job.command.map { String(decoding: $0, as: UTF8.self) }
    let isUTF8 = zip(created.command, job.command).allSatisfy { Array($0.utf8) == $1 }
    if !isUTF8 { created.commandBase64 = job.command.map(Base64.encode) }
    job.describeLaunch(of: instance, in: &created)
    created.uid = Int64(getuid())
    created.user = Users.name(of: getuid())
    created.host = Host.name()
    created.bootID = Host.bootID()
    created.runnerPID = Int64(getpid())
    created.runnerStarted = Host.startTime(of: getpid()) ?? 0
    created.parent = parent
    created.params = job.params
    created.isKept = job.isKept
    created.group = job.group
    created.gates = job.gates
    created.timeout = job.timeout
    created.killAfter = job.killAfter
    created.rerunOf = job.rerunOf
    created.retryOf = job.retryOf
    created.attempt = job.attempt.map { Int64($0) }
    created.bypassesOutput = job.bypassesOutput
    created.version = version
    return created
  }
}

enum Base64 {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// RFC 4648, section 4, with padding.
  static func encode(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let bits = group.reduce(0) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
      for index in 0..<4 {
        let isPadding = index > group.count
        text.append(
          isPadding
            ? UInt8(ascii: "=") : alphabet[Int(bits >> UInt32(18 - 6 * index)) & 63])
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The bytes again; nil when the text is not of that form.
  static func decode(_ text: String) -> [UInt8]? {
    let digits = Array(text.utf8)
    guard digits.count.isMultiple(of: 4) else { return nil }
    var bytes: [UInt8] = []
    for start in stride(from: 0, to: digits.count, by: 4) {
      let group = digits[start..<(start + 4)]
      let padding = group.reversed().prefix { $0 == UInt8(ascii: "=") }.count
      guard padding <= 2, padding == 0 || start + 4 == digits.count else { return nil }
      var bits: UInt32 = 0
      for digit in group.dropLast(padding) {
        guard let value = alphabet.firstIndex(of: digit) else { return nil }
        bits = bits << 6 | UInt32(value)
      }
      bits <<= UInt32(6 * padding)
      for index in 0..<(3 - padding) {
        bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(16 - 8 * index)))
      }
    }
    return bytes
  }
}
