import TestSupport
import Testing

@testable import Server

/// What of bytes is text.
@Suite struct TextPiecesTests {
  private func bytes(_ pieces: [TextPieces.Piece]) -> [UInt8] {
    pieces.flatMap { piece in
      switch piece {
      case .text(let text): Array(text.utf8)
      case .bytes(let bytes): bytes
      }
    }
  }

  @Test func `text is text, wherever a cut has gone through it`() {
    let text = Array("a\u{e4}\u{20ac}\u{1f600}z".utf8)
    for first in text.indices {
      for last in first...text.count where last > first {
        let part = text[first..<last]
        let pieces = TextPieces.pieces(part)
        #expect(bytes(pieces) == Array(part))
        let characters = pieces.compactMap { if case .text(let text) = $0 { text } else { nil } }
        let isWhole = String(validating: part, as: UTF8.self) != nil
        #expect(!isWhole || characters == [String(decoding: part, as: UTF8.self)])
        #expect(TextPieces.isText(part, isBeginning: first == 0) || part.count < 4)
      }
    }
    #expect(TextPieces.isText([], isBeginning: true))
    #expect(TextPieces.pieces([0x61, 0xe2, 0x82]) == [.text("a"), .bytes([0xe2, 0x82])])
    #expect(TextPieces.pieces([0xac, 0x62]) == [.bytes([0xac]), .text("b")])
  }

  @Test(
    arguments: [
      [0x61, 0x00], [0x61, 0xff, 0x62], [0xc0, 0x80, 0x61], [0xed, 0xa0, 0x80, 0x61], [0x80, 0x61],
      [0x61, 0x80, 0x80, 0x80, 0x80],
    ] as [[UInt8]])
  func `what is none is bytes`(bytes: [UInt8]) {
    #expect(!TextPieces.isText(bytes[...], isBeginning: true))
    #expect(self.bytes(TextPieces.pieces(bytes[...])) == bytes)
  }

  @Test func `any bytes come out as they were, in parts that are not cut through characters`() {
    var random = SeededGenerator(for: "text pieces")
    for _ in 0..<2000 {
      let isText = random.chance(50)
      let bytes: [UInt8] =
        isText
        ? Array(
          String(
            (0..<random.below(40)).map { _ in
              ["a", "\u{e4}", "\u{20ac}", "\u{1f600}"][random.below(4)] as Character
            }
          ).utf8)
        : (0..<random.below(40)).map { _ in UInt8(random.below(256)) }
      var rest = bytes[...]
      var found: [UInt8] = []
      while !rest.isEmpty {
        let part = TextPieces.prefix(rest, 5)
        #expect((1...5).contains(part.count))
        rest = rest.dropFirst(part.count)
        let pieces = TextPieces.pieces(part)
        if isText { #expect(pieces == [.text(String(decoding: part, as: UTF8.self))]) }
        found += self.bytes(pieces)
      }
      #expect(found == bytes)
    }
  }
}
