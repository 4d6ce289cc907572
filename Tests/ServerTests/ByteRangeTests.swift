import Testing

@testable import Server

/// RFC 9110, 14.1.2.
@Suite struct ByteRangeTests {
  @Test(
    arguments: [
      ("bytes=0-0", 10, 0..<1), ("bytes=0-9", 10, 0..<10), ("bytes=0-99", 10, 0..<10),
      ("bytes=9-", 10, 9..<10), ("bytes=-1", 10, 9..<10), ("bytes=-99", 10, 0..<10),
      ("BYTES=5-5", 10, 5..<6), ("bytes=0-999999999999999999", 10, 0..<10),
      ("bytes=10-", 10, nil), ("bytes=10-11", 10, nil), ("bytes=-0", 10, nil), ("bytes=0-", 0, nil),
      ("bytes=-5", 0, nil),
    ] as [(String, Int64, Range<Int64>?)])
  func `is what of the bytes it names`(text: String, size: Int64, range: Range<Int64>?) throws {
    #expect(try #require(ByteRange(text)).bytes(of: size) == range)
  }

  @Test(arguments: [
    "", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=1-0", "bytes=0-1,2-3", "bytes= 0-1",
    "lines=0-1", "bytes=0--1", "bytes=+0-1", "bytes=0-1-2", "bytes=9999999999999999999-",
  ])
  func `in another form is none`(text: String) { #expect(ByteRange(text) == nil) }
}
