internal import Events
import Testing

@Suite("Base64")
struct Base64Tests {
  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
    ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
  ])
  func `is that of RFC 4648`(text: String, expected: String) {
    #expect(Base64.encode(Array(text.utf8)) == expected)
    #expect(Base64.decode(expected) == Array(text.utf8))
  }

  @Test func `uses all 64 characters`() {
    // 0, 1, 2 ... 63 in groups of six bits.
    let bytes = stride(from: 0, to: 64, by: 4).flatMap { first -> [UInt8] in
      let bits = (0..<4).reduce(UInt32(0)) { $0 << 6 | UInt32(first + $1) }
      return [UInt8(bits >> 16), UInt8(bits >> 8 & 255), UInt8(bits & 255)]
    }
    #expect(
      Base64.encode(bytes) == "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    #expect(Base64.encode([0xff, 0xff, 0xff, 0xfe]) == "/////g==")
  }

  @Test(arguments: [1, 2, 3, 255, 256])
  func `gives every byte back`(count: Int) {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7 + 0xff) }
    #expect(Base64.decode(Base64.encode(bytes)) == bytes)
  }

  @Test(arguments: ["Z", "Zg", "Zg=", "Zg===", "Z===", "====", "Zg==Zg==", "Zm9*", "Zm9 v", "Zé8="])
  func `refuses what is none`(text: String) { #expect(Base64.decode(text) == nil) }
}
