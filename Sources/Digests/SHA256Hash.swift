internal import CCrypto
package import Events

extension Digest {
  package init(of bytes: UnsafeRawBufferPointer) {
    var hash = SHA256Hash()
    unsafe hash.update(bytes)
    self = hash.finish()
  }

  package init(of bytes: [UInt8]) { self = unsafe bytes.withUnsafeBytes { unsafe Digest(of: $0) } }
}

/// SHA-256 by the system's libcrypto (FIPS 180-4).
package struct SHA256Hash {
  private var context = SHA256_CTX()

  package init() { unsafe SHA256_Init(&context) }

  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    unsafe SHA256_Update(&context, bytes.baseAddress, bytes.count)
  }

  package mutating func finish() -> Digest {
    var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    unsafe withUnsafeMutableBytes(of: &words) { bytes in
      _ = unsafe SHA256_Final(bytes.assumingMemoryBound(to: UInt8.self).baseAddress, &context)
    }
    return Digest(
      words: (words.0.bigEndian, words.1.bigEndian, words.2.bigEndian, words.3.bigEndian))
  }
}
