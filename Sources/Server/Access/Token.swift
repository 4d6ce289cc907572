internal import Digests
package import Events
internal import Glibc

/// A credential as it is stored: nobody can make it from this again.
package struct Token: Sendable, Equatable {
  /// The rights that a token gives.
  package enum Scope: String, CaseIterable, Sendable, Comparable {
    case read, control

    package static func < (one: Scope, other: Scope) -> Bool { one == .read && other == .control }
  }

  package let name: String
  /// The SHA-256 of its text.
  package let digest: Digest
  package let scope: Scope
  /// The jobs beside which nothing exists for who has it; empty for all.
  package let jobs: [String]
  package let createdAt: WallTime
  package let expiresAt: WallTime?

  package func isExpired(at now: WallTime) -> Bool { expiresAt.map { $0 <= now } ?? false }

  static let prefix = "taro_"

  /// A new text: 32 random bytes.
  static func makeText() -> String {
    var bytes = [UInt8](repeating: 0, count: 32)
    // getentropy(3) always gives up to 256 bytes.
    guard getentropy(&bytes, bytes.count) == 0 else { fatalError("the kernel has no random bytes") }
    let text = Base64.encode(bytes)
    return prefix
      + text.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
  }

  static func digest(of text: String) -> Digest { Digest(of: Array(text.utf8)) }
}

/// A browser's stay: a cookie that stands for a token.
struct BrowserSession: Sendable, Equatable {
  /// The SHA-256 of the cookie.
  let digest: Digest
  /// The digest of the token that it was opened with, and ends with.
  let token: Digest
  let expiresAt: WallTime

  /// The length of a stay, microseconds.
  static let length: Int64 = 12 * 3600 * 1_000_000
}

extension Digest {
  /// Takes as long whatever the two are.
  func isSame(as other: Digest) -> Bool {
    zip(numbers, other.numbers).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
  }
}
