internal import CCrypto
package import Events

extension Digest {
  package init(of bytes: UnsafeRawBufferPointer) {
    var hash = SHA256Hash()
    hash.update(bytes)
    self = hash.finish()
  }

  package init(of bytes: [UInt8]) { self = bytes.withUnsafeBytes { Digest(of: $0) } }
}

/// SHA-256 by the system's libcrypto (FIPS 180-4).
package struct SHA256Hash {
  private var context = SHA256_CTX()

  package init() { SHA256_Init(&context) }

  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    SHA256_Update(&context, bytes.baseAddress, bytes.count)
  }

  package mutating func finish() -> Digest {
    var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    withUnsafeMutableBytes(of: &words) { bytes in
      _ = SHA256_Final(bytes.assumingMemoryBound(to: UInt8.self).baseAddress, &context)
    }
    return Digest(
      words: (words.0.bigEndian, words.1.bigEndian, words.2.bigEndian, words.3.bigEndian))
  }
}
