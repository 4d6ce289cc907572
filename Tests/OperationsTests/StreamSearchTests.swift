import Events
import Ledger
import Maintenance
import TestSupport
import Testing

@testable import Operations

/// What is found in pieces is what is found in the whole.
@Suite struct StreamSearchTests {
  /// Pieces of output with one stream, cut at random, after the search: what is left of them, one after the other.
  private func redacted(_ text: [UInt8], cuts: [Int], _ pattern: SecretPattern) throws -> [UInt8] {
    var search = StreamSearch(pattern)
    var pieces: [[UInt8]] = []
    var found: [StreamSearch.Found] = []
    let payload = Digest.ofNothing
    for (start, end) in zip([0] + cuts, cuts + [text.count]) {
      found += try search.append(
        text[start..<end], of: Int64(pieces.count), payload: payload, at: 0)
      pieces.append(Array(text[start..<end]))
    }
    found += try search.finish()
    var result: [UInt8] = []
    for (index, piece) in pieces.enumerated() {
      var cuts = OutputCuts()
      for place in found where place.n == Int64(index) { cuts.add(place.cut) }
      let encoded = piece.withUnsafeBytes {
        EncodedOutput(
          $0, runs: [OutputSegment(stream: .stdout, offset: 0, length: piece.count)])
      }
      let chunk = try #require(
        StoredChunk(
          codec: encoded.codec.rawValue, size: Int64(encoded.size), runs: encoded.runs,
          data: encoded.data
        ).decoded)
      let new = try #require(cuts.applied(to: chunk))
      #expect(new.runs.reduce(0) { $0 + $1.length } == new.bytes.count)
      result += new.bytes
    }
    return result
  }

  @Test(arguments: [false, true])
  func `wherever the pieces end`(keepsLength: Bool) throws {
    var generator = SeededGenerator(for: "pieces of a stream")
    let pattern = try SecretPattern("se+cret[0-9]*", keepsLength: keepsLength)
    let parts = ["secret12", "seeecret", "sec", "ret", "\n", "x", "\u{e9}", "secret\n"]
    for _ in 0..<200 {
      let text = Array(
        (0..<generator.below(40)).map { _ in parts[generator.below(parts.count)] }.joined().utf8)
      var places: Int64 = 0
      let whole = try pattern.redacted(text, &places) ?? text
      let cuts = (0..<generator.below(6)).map { _ in generator.below(text.count + 1) }.sorted()
      #expect(try redacted(text, cuts: cuts, pattern) == whole)
      if keepsLength { #expect(whole.count == text.count) }
    }
  }

  @Test func `in a line of many megabytes, over lines, and not over its feeds`() throws {
    let pattern = try SecretPattern("(?s)BEGIN.*?END", keepsLength: false)
    var text = [UInt8](repeating: UInt8(ascii: "x"), count: 9 << 20)
    let secret = Array("BEGIN one\ntwo\nEND".utf8)
    let places = [0, (4 << 20) - 5, (5 << 20) + 3, text.count - secret.count]
    for place in places { text.replaceSubrange(place..<(place + secret.count), with: secret) }
    let cuts = stride(from: 200_000, to: text.count, by: 200_000).map { $0 }
    let result = try redacted(text, cuts: cuts, pattern)
    let mark = Array("[redacted]\n[redacted]\n[redacted]".utf8)
    #expect(result.count == text.count + places.count * (mark.count - secret.count))
    #expect(result.starts(with: mark))
    #expect(result.firstRange(of: Array("BEGIN".utf8)) == nil)
    #expect(result.firstRange(of: Array("two".utf8)) == nil)
  }

  @Test func `in the data of events`() throws {
    let pattern = try SecretPattern("caf\\x{e9}|s3|TERM", keepsLength: false)
    let data = try JSON(
      parsing:
        #"{"command":["a s3 s3"],"env":{"s3":"x","K":"s3"},"env_base64":{"T":"Y2Fmw6k="},"uid":3,"signal":"TERM","s3":1}"#
    )
    var places: Int64 = 0
    let redacted = try #require(try pattern.redacted(data: data, &places))
    #expect(
      redacted.text
        == #"{"command":["a [redacted] [redacted]"],"env":{"[redacted]":"x","K":"[redacted]"},"env_base64":{"T":"W3JlZGFjdGVkXQ=="},"uid":3,"signal":"TERM","s3":1}"#
    )
    #expect(places == 5)
  }
}
