import Digests
import Documents
import Events
import Glibc
import Linux
import Operations
import TestSupport
import Testing

@testable import Bundles

@Suite("A bundle", .temporaryDirectory) struct BundleTests {
  private func check(
    _ path: String, head: ChainPosition? = nil
  ) throws -> BundleDocument { try BundleCheck(head: head).run(path) }

  @Test func `is whole, and tells what is in it`() throws {
    let made = try MadeBundle()
    let found = try check(made.make(), head: made.head())
    #expect(found.result == .whole, "\(found)")
    #expect(found.events == 5)
    #expect(found.state == .completed)
    #expect(found.outputBytes == 24)
    #expect(found.chain?.otherEvents == 3)
    #expect(found.against?.provenEvents == 5)
    try expect(BundleDocument(found.json), is: found)
  }

  @Test func `has every byte that the run printed, and nothing that another did`() throws {
    let made = try MadeBundle(secret: "a very secret word")
    let members = try MadeBundle.members(of: made.make())
    let all = try #require(members.first { $0.0 == .output }?.1)
    #expect(all == Array("hello <script>\nagain\u{0}\u{ff}\n".utf8))
    for (member, bytes) in members {
      let text = String(decoding: bytes, as: UTF8.self)
      #expect(!text.contains("very secret"), "\(member)")
    }
  }

  /// One bit of each byte, wherever it stands: headers, content, padding, the end.
  @Test func `is refused when any byte of it is another`() throws {
    let path = try MadeBundle().make()
    let size = Files.size(path)
    let file = try Descriptor.open(path, O_RDWR)
    var generator = SeededGenerator(for: "flipped bits of a bundle")
    for position in 0..<size {
      let byte = try RawIO.read(file.fd, 1, at: Int64(position))
      let changed = byte.map { $0 ^ (1 << UInt8.random(in: 0..<8, using: &generator)) }
      try changed.withUnsafeBytes { try RawIO.writeAll(file.fd, $0, at: Int64(position)) }
      let found = try check(path)
      if found.result != .refused { Issue.record("byte \(position): \(found)") }
      try byte.withUnsafeBytes { try RawIO.writeAll(file.fd, $0, at: Int64(position)) }
    }
    try expect(check(path).result, is: .whole)
  }

  @Test func `is refused when it ends too soon, or something follows`() throws {
    let path = try MadeBundle().make()
    let bytes = try Files.contents(path)
    for count in stride(from: 0, to: bytes.count, by: 97) {
      try Files.write(Array(bytes.prefix(count)), to: path)
      try expect(check(path).result, is: .refused, "\(count)")
    }
    for more in [[UInt8(0)], [1], TarHeader.end] {
      try Files.write(bytes + more, to: path)
      try expect(check(path).result, is: .refused)
    }
  }

  private func tar(_ parts: [(name: String, type: UInt8, content: [UInt8])]) -> [UInt8] {
    parts.flatMap { part in
      let header = TarHeader(name: part.name, size: Int64(part.content.count), time: 0)
      var bytes = header.bytes
      bytes[156] = part.type
      return bytes + part.content + [UInt8](repeating: 0, count: header.padding)
    } + TarHeader.end
  }

  @Test(arguments: [
    ("../../etc/passwd", "leads out"), ("/etc/passwd", "leads out"),
    ("output/../../x", "leads out"), ("more.txt", "no bundle has such a member"),
    ("EVENTS.jsonl", "no bundle has such a member"), ("", "no bundle has such a member"),
  ])
  func `is refused for a strange name`(name: String, reason: String) throws {
    let path = "\(TemporaryDirectory.path)/strange.tar"
    let whole = try MadeBundle.members(of: MadeBundle().make()).map {
      (name: $0.0.name, type: UInt8(ascii: "0"), content: $0.1)
    }
    for parts in [
      [(name, UInt8(ascii: "0"), [])] + whole, whole + [(name, UInt8(ascii: "0"), [1])],
    ] {
      try Files.write(tar(parts), to: path)
      try expect(check(path).reason) { $0?.contains(reason) ?? false }
    }
  }

  @Test(arguments: Array("12345679LKx".utf8))
  func `is refused for what is no plain file`(type: UInt8) throws {
    let path = "\(TemporaryDirectory.path)/strange.tar"
    try Files.write(tar([(BundleMember.events.name, type, [])]), to: path)
    let reason = type == UInt8(ascii: "1") || type == UInt8(ascii: "2") ? "a link" : "no plain file"
    try expect(check(path).reason) { $0?.contains(reason) ?? false }
  }

  /// With the manifest as it was, and with one that fits.
  @Test func `is refused without a member, and with one twice`() throws {
    let made = try MadeBundle()
    let members = try MadeBundle.members(of: made.make())
    for index in members.indices {
      var fewer = members
      let (member, _) = fewer.remove(at: index)
      let raw = fewer.map { ($0.0.name, UInt8(ascii: "0"), $0.1) }
      let path = "\(TemporaryDirectory.path)/fewer.tar"
      try Files.write(tar(raw), to: path)
      try expect(check(path).result, is: .refused, "\(member)")
      if member.isInManifest {
        try expect(check(made.forge(fewer, "forged.tar")).result, is: .refused, "\(member)")
      }
      var twice = members
      twice.insert(members[index], at: index)
      try Files.write(tar(twice.map { ($0.0.name, UInt8(ascii: "0"), $0.1) }), to: path)
      try expect(check(path).result, is: .refused, "\(member)")
    }
  }

  @Test func `is refused with a member of another bundle`() throws {
    let (made, other) = (try MadeBundle(), try MadeBundle("other", secret: "more of it"))
    let members = try MadeBundle.members(of: made.make())
    for path in [try made.make("b.tar", of: "b"), try other.make("b.tar", of: "a")] {
      let others = try MadeBundle.members(of: path)
      for index in members.indices where members[index].1 != others[index].1 {
        var mixed = members
        mixed[index] = others[index]
        let member = members[index].0
        let raw = "\(TemporaryDirectory.path)/mixed.tar"
        try Files.write(tar(mixed.map { ($0.0.name, UInt8(ascii: "0"), $0.1) }), to: raw)
        try expect(check(raw).result, is: .refused, "\(member)")
        // The report and the host are covered by the manifest alone.
        guard member.isInManifest, member != .report, member != .host else { continue }
        try expect(check(made.forge(mixed, "forged.tar")).result, is: .refused, "\(member)")
      }
    }
  }

  @Test func `that was made up is refused by the head that was kept`() throws {
    let (made, other) = (try MadeBundle(), try MadeBundle("other"))
    let path = try other.make()
    try expect(check(path).result, is: .whole)
    let found = try check(path, head: made.head())
    #expect(found.result == .refused)
    #expect(found.reason?.contains("this is not what was recorded") ?? false, "\(found)")
  }

  @Test func `is refused when one of its events is missing, whoever makes the manifest`() throws {
    let made = try MadeBundle()
    let members = try MadeBundle.members(of: made.make())
    for (member, bytes) in members where member.name.hasSuffix(".jsonl") {
      let lines = bytes.split(separator: UInt8(ascii: "\n")).map(Array.init)
      for index in lines.indices {
        var fewer = lines
        fewer.remove(at: index)
        let content = fewer.flatMap { $0 + [UInt8(ascii: "\n")] }
        let forged = members.map { $0.0 == member ? (member, content) : $0 }
        try expect(
          check(made.forge(forged, "forged.tar")).result, is: .refused, "\(member) \(index)")
      }
    }
  }
}
