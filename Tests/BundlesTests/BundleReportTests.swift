import Events
import Ledger
import Operations
import TestSupport
import Testing

@testable import Bundles

@Suite("The page in a bundle", .temporaryDirectory) struct BundleReportTests {
  private func html(_ pieces: [(OutputStream, [UInt8])], limit: Int) -> String {
    var excerpt = OutputExcerpt(limit: limit)
    for (stream, bytes) in pieces { excerpt.append(bytes[...], stream) }
    excerpt.finish()
    return BundleReport.html(of: excerpt)
  }

  @Test(arguments: 1...40)
  func `cuts no character where all of the output is in it`(limit: Int) {
    let text = "a\u{e9}\u{20ac}\u{1f600}b\u{e9}"
    let bytes = Array(text.utf8)
    let left = bytes.count - 2 * limit
    let found = html(
      [(.stdout, Array(bytes.prefix(3))), (.stdout, Array(bytes.dropFirst(3)))], limit: limit)
    if left > 0 {
      #expect(found.contains("</pre>\n<p>\(left) bytes between are in output/all.</p>\n<pre>"))
    } else {
      #expect(found == "<pre>\(text)</pre>\n")
    }
  }

  @Test func `tells the streams apart`() {
    let pieces: [(OutputStream, [UInt8])] = [
      (.stdout, [0x61]), (.stderr, [0x3c]), (.stderr, [0x62]), (.stdout, [0x63]),
    ]
    #expect(html(pieces, limit: 100) == "<pre>a<span>&lt;b</span>c</pre>\n")
  }

  @Test func `says where it ends before the run`() throws {
    let made = try MadeBundle()
    let digest = try #require(try made.session.reader.digest(at: 5))
    for (extent, isSaid) in [
      (RunBundle.Extent(head: ChainPosition(seq: 5, digest: digest)), true), (.init(), false),
    ] {
      let members = try MadeBundle.members(of: made.make("\(isSaid).tar", extent))
      let report = try #require(members.first { $0.0 == .report }?.1)
      #expect(
        String(decoding: report, as: UTF8.self).contains("before the run&#39;s end") == isSaid)
    }
  }
}
