import Testing

@testable import Runner

@Suite("Base64")
struct Base64Tests {
  @Test(
    "is that of RFC 4648",
    arguments: [
      ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
      ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ])
  func vectors(text: String, expected: String) {
    #expect(Base64.encode(Array(text.utf8)) == expected)
  }

  @Test("uses all 64 characters")
  func alphabet() {
    // 0, 1, 2 ... 63 in groups of six bits.
    let bytes = stride(from: 0, to: 64, by: 4).flatMap { first -> [UInt8] in
      let bits = (0..<4).reduce(UInt32(0)) { $0 << 6 | UInt32(first + $1) }
      return [UInt8(bits >> 16), UInt8(bits >> 8 & 255), UInt8(bits & 255)]
    }
    #expect(
      Base64.encode(bytes) == "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    #expect(Base64.encode([0xff, 0xff, 0xff, 0xfe]) == "/////g==")
  }
}

@Suite("Folding points")
struct FoldingPointsTests {
  @Test(
    "are met by whoever appends over one",
    arguments: [
      (0, 1, false), (0, 511, false), (511, 512, true), (0, 512, true), (512, 513, false),
      (512, 1023, false), (1000, 1024, true), (100, 5000, true), (7, 7, false),
    ] as [(Int64, Int64, Bool)])
  func table(before: Int64, after: Int64, expected: Bool) {
    #expect(FoldingPoints.lie(between: before, after) == expected)
  }

  @Test("are met by exactly one of those who append one event each")
  func once() {
    let met = (1...2048).count { FoldingPoints.lie(between: Int64($0) - 1, Int64($0)) }
    #expect(met == 4)
  }
}
