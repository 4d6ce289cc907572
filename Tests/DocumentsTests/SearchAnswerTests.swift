import Documents
import Events
import TestSupport
import Testing

/// The answer of a server to a search, read as it is written.
@Suite struct SearchAnswerTests {
  private func read(_ text: String) throws -> SearchAnswer { try SearchAnswer(JSON(parsing: text)) }

  @Test func `has hits, gaps and an end`() throws {
    let gap = SearchGap(
      job: "a", instance: try #require(InstanceID("06h0d7hkjsz7a4h4")), .givenUp,
      at: WallTime(microseconds: 7))
    try expect(read(gap.json.text), is: .missing(gap))
    let end = SearchEnd(
      lines: 1, instances: 2, gaveUp: 3, damaged: 4, dropped: 5, isComplete: false)
    try expect(read(end.json.text), is: .end(end))
    let gone =
      #"{"job":"a","instance":"06h0d7hkjsz7a4h4","missing":"dropped","at":null,"seq":null,"bytes":7}"#
    guard case .missing(let dropped) = try read(gone) else {
      Issue.record("no gap")
      return
    }
    #expect(dropped.reason == .dropped && dropped.bytes == 7 && dropped.at == nil)
  }

  @Test(arguments: [
    "{}", "[]", #"{"line":1}"#, #"{"missing":"lost","job":"a","instance":"06h0d7hkjsz7a4h4"}"#,
    #"{"end":true,"lines":"1"}"#, #"{"job":"a","lines":1}"#,
  ])
  func `that does not fit is refused`(text: String) {
    #expect(throws: DocumentError.self) { try read(text) }
  }

  @Test func `of a long line the piece is shown that has the first match`() {
    let short = LineExcerpt(of: 10, [1..<3], atMost: 10)
    #expect(short.bytes == 0..<10 && short.matches == [1..<3] && !short.isCut)
    let long = LineExcerpt(of: 100, [50..<60, 58..<70, 90..<95], atMost: 20)
    #expect(long.bytes == 45..<65 && long.isCut)
    #expect(long.matches == [5..<15, 13..<20])
    #expect(LineExcerpt(of: 100, [98..<100], atMost: 20).bytes == 80..<100)
    #expect(LineExcerpt(of: 100, [], atMost: 20).bytes == 0..<20)
  }
}
