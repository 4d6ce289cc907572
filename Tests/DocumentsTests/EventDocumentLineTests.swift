import Events
import TestSupport
import Testing

@testable import Documents

/// An event as a line, made without a tree of it.
@Suite("The line of an event") struct EventDocumentLineTests {
  private func expectSame(_ event: Event) {
    var bytes: [UInt8] = []
    EventDocumentLine.append(event, to: &bytes)
    #expect(String(decoding: bytes, as: UTF8.self) == EventDocument(event).json.text + "\n")
  }

  private func event(
    _ kind: String, _ data: String, job: String? = "a", n: Int64? = 1, payload: Digest? = nil
  ) -> Event {
    Event(
      seq: 7, at: 1_700_000_000_000_001, mono: 12, job: job,
      instance: n == nil ? nil : InstanceID("06h0d1qcrty15cma"), n: n,
      kind: EventKind(name: kind), data: data, payload: payload, digest: .ofNothing)
  }

  @Test func `is its document, of each kind`() throws {
    let examples = try Files.lines(Repository.path("schema/events.jsonl")).map {
      try JSON(parsing: $0)
    }
    try #require(examples.count > 20)
    for example in examples {
      let kind = try #require(example["kind"]?.string)
      let data = try #require(example["data"])
      expectSame(event(kind, data.text))
      expectSame(event(kind, data.text, job: nil, n: nil))
    }
  }

  @Test(arguments: [
    "{}", #"{"text":"\"\\ \u0001\u009b"}"#, "{\"text\":\"\u{e9}\u{202e}\u{1f600}\u{7f}\"}", "null",
  ])
  func `is its document, whatever was said`(data: String) {
    for job in ["a", "\u{e9}\"\\", "\u{1b}[2J", "\u{202e}"] {
      expectSame(event("status", data, job: job, payload: .ofNothing))
    }
    expectSame(event("of a \"later\" version", data))
  }

  /// The bytes around those that show, at each place of the words that are looked at together.
  @Test func `is its document, wherever a byte stands that does not show`() {
    for character in ["\u{1f}", " ", "~", "\u{7f}", "\u{80}", "\u{ff}"] {
      for place in 0..<20 {
        let text = String(repeating: "x", count: place) + character + "yy"
        expectSame(event("status", #"{"text":"\#(text)"}"#))
      }
    }
  }

  @Test func `has its digests digit by digit`() throws {
    let bytes = (0..<32).map { UInt8($0 * 8 + $0 % 8) }
    let digest = try #require(bytes.withUnsafeBytes { Digest($0) })
    let digits = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    #expect(digest.description == digits)
    expectSame(event("output", "{}", payload: digest))
  }
}
