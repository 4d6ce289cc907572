import Documents
import Events
import Glibc
import Ledger
import Linux
import Operations
import TestSupport
import Testing

@testable import Bundles

@Suite("What a bundle proves", .temporaryDirectory) struct BundleProofTests {
  private func position(_ made: MadeBundle, _ seq: Int64) throws -> ChainPosition {
    ChainPosition(
      seq: Seq(seq), digest: try #require(try made.session.reader.digest(at: Seq(seq))))
  }

  /// The run's events stand at 2, 3, 5, 7 and 8.
  @Test(arguments: [(1, 0), (2, 1), (3, 2), (4, 2), (5, 3), (7, 4), (8, 5), (9, 5)])
  func `is what stands before the head that was kept`(seq: Int64, proven: Int64) throws {
    let made = try MadeBundle()
    let found = try BundleCheck(head: position(made, seq)).run(made.make())
    #expect(found.result == (proven == 5 ? .whole : .incomplete))
    #expect(found.against?.provenEvents == proven)
  }

  @Test func `is nothing by a head from before or behind the chain in it`() throws {
    let made = try MadeBundle()
    let path = try made.make("short.tar", .init(head: try position(made, 8)))
    for head in [try position(made, 9), ChainPosition(seq: .start, digest: .ofNothing)] {
      let found = try BundleCheck(head: head).run(path)
      #expect(found.reason?.contains("it cannot be compared") ?? false, "\(found)")
    }
  }

  @Test func `can end with a head that was kept, and with none of another ledger`() throws {
    let made = try MadeBundle()
    let found = try BundleCheck().run(made.make("a", .init(head: try position(made, 8))))
    try expect(found.chain?.head, is: position(made, 8))
    #expect(throws: RunBundle.Refusal.self) {
      try made.make("b", .init(head: ChainPosition(seq: Seq(8), digest: .ofNothing)))
    }
    #expect(throws: RunBundle.Refusal.self) {
      try made.make("b", .init(head: ChainPosition(seq: Seq(99), digest: .ofNothing)))
    }
    #expect(throws: RunBundle.Refusal.self) {
      try made.make("b", .init(head: try position(made, 1)))
    }
    #expect(!Files.exists("\(TemporaryDirectory.path)/made/b"))
  }

  @Test func `alone is that its events fit the digests in it`() throws {
    let made = try MadeBundle()
    let path = try made.make("alone.tar", .init(isAlone: true))
    let found = try BundleCheck().run(path)
    #expect(found.result == .whole)
    #expect(found.chain?.isLinked == false)
    #expect(found.chain?.gapCount == 2)
    for (member, bytes) in try MadeBundle.members(of: path) {
      #expect(member != .chain)
      #expect(!String(decoding: bytes, as: UTF8.self).contains(MadeBundle.second))
    }
    let kept = try BundleCheck(head: try position(made, 8)).run(path)
    #expect(kept.result == .incomplete)
    #expect(kept.against?.provenEvents == 2)
  }

  private struct Keys {
    let own: String
    let others: String
    let signers: String

    init() throws {
      let directory = TemporaryDirectory.path
      (own, others, signers) = ("\(directory)/own", "\(directory)/others", "\(directory)/signers")
      for key in [own, others] {
        let made = try SSHKeygen.run(["-q", "-t", "ed25519", "-N", "", "-f", key], input: [])
        try #require(made.code == 0, "\(made)")
      }
      try Files.write(Array("auditor@example \(try Files.text("\(own).pub"))".utf8), to: signers)
    }
  }

  @Test func `is who signed it`() throws {
    let (made, keys) = (try MadeBundle(), try Keys())
    func signed(_ name: String, _ key: String) throws -> String {
      try made.make(name, sign: { try BundleSignature(signing: $0, key: key).armored })
    }
    let own = try BundleCheck(allowedSigners: keys.signers).run(signed("own.tar", keys.own))
    #expect(own.result == .whole, "\(own)")
    #expect(own.signature?.principal == "auditor@example")
    #expect(own.signature?.key.contains("SHA256:") ?? false)
    let others = try signed("others.tar", keys.others)
    let refused = try BundleCheck(allowedSigners: keys.signers).run(others)
    #expect(refused.reason?.contains("does not allow") ?? false, "\(refused)")
    try expect(BundleCheck().run(others).result, is: .whole)
    let unsigned = try BundleCheck(allowedSigners: keys.signers).run(made.make())
    #expect(unsigned.reason == "it is not signed")
    #expect(throws: BundleSignature.Failure.self) {
      try signed("none.tar", "\(TemporaryDirectory.path)/nokey")
    }
    #expect(!Files.exists("\(TemporaryDirectory.path)/made/none.tar"))
  }

  @Test func `is nothing when the signature is changed, or of another bundle`() throws {
    let (made, keys) = (try MadeBundle(), try Keys())
    let path = try made.make(
      sign: { try BundleSignature(signing: $0, key: keys.own).armored })
    let bytes = try Files.contents(path)
    let start = try #require(
      bytes.firstRange(of: Array("-----BEGIN SSH SIGNATURE-----".utf8))?.lowerBound)
    var generator = SeededGenerator(for: "flipped bits of a bundle")
    let end = bytes.count - TarHeader.end.count
    for position in stride(from: start, to: end, by: 3) {
      var changed = bytes
      changed[position] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      try Files.write(changed, to: path)
      let found = try BundleCheck().run(path)
      if found.result != .refused { Issue.record("byte \(position - start): \(found)") }
    }
    let other = try BundleSignature(signing: "something else", key: keys.own).armored
    let wrong = try made.make("wrong.tar", sign: { _ in other })
    let found = try BundleCheck().run(wrong)
    #expect(found.reason == "its signature is not one of its manifest", "\(found)")
  }

  @Test func `has no script, and nothing from elsewhere, whatever was printed`() throws {
    let members = try MadeBundle.members(of: MadeBundle().make())
    let report = try #require(members.first { $0.0 == .report }?.1)
    let html = String(decoding: report, as: UTF8.self)
    // Half of each piece went to stderr.
    #expect(html.contains("hello &lt;<span>script&gt;\n</span>agai<span>n<i>\u{2400}</i>\u{ff}"))
    #expect(html.contains("echo"))
    #expect(!html.contains("<script"))
    #expect(!html.contains("://"))
    #expect(!html.contains("\u{1b}"))
  }
}
