import Glibc
import TestSupport
import Testing

@testable import Linux

/// Whom a path has to trust. Numbers of users that no machine has.
@Suite(.temporaryDirectory, .enabled(if: geteuid() == 0, "files are given to others"))
struct PathTrustTests {
  private static let me: UInt32 = 4_000_000_001
  private static let stranger: UInt32 = 4_000_000_002

  private var root: String { "\(TemporaryDirectory.path)/a" }

  /// `a/b/file`, mine.
  private func make() throws {
    for folder in [root, "\(root)/b"] {
      try #require(mkdir(folder, 0o755) == 0)
      try #require(chown(folder, Self.me, Self.me) == 0)
    }
    try Files.write([], to: "\(root)/b/file")
    try #require(chown("\(root)/b/file", Self.me, Self.me) == 0)
    try #require(chmod("\(root)/b/file", 0o644) == 0)
  }

  private func distrust(_ path: String) -> Distrust? {
    PathTrust.distrust(file: path, user: Self.me)
  }

  @Test func `what is mine or root's all the way is trusted`() throws {
    try make()
    #expect(distrust("\(root)/b/file") == nil)
    #expect(distrust("\(root)/b/../b/./file") == nil)
    try #require(chown("\(root)/b", 0, 0) == 0)
    #expect(distrust("\(root)/b/file") == nil)
  }

  @Test(arguments: ["", "/b", "/b/file"])
  func `what somebody else owns or can write on the way is named`(part: String) throws {
    try make()
    let path = root + part
    try #require(chown(path, Self.stranger, Self.me) == 0)
    #expect(
      distrust("\(root)/b/file") == Distrust(path, "it belongs to \(Self.stranger)"))
    for mode: UInt32 in [0o775, 0o757] {
      try #require(chown(path, 0, Self.me) == 0 && chmod(path, mode) == 0)
      #expect(
        distrust("\(root)/b/file")
          == Distrust(path, "others can write it (mode \(String(mode, radix: 8)))"))
    }
  }

  @Test func `in a directory like tmp the owner of what is in it counts`() throws {
    try make()
    try #require(chown(root, 0, 0) == 0 && chmod(root, 0o1777) == 0)
    #expect(distrust("\(root)/b/file") == nil)
    try #require(chown("\(root)/b", Self.stranger, 0) == 0)
    #expect(distrust("\(root)/b/file")?.path == "\(root)/b")
  }

  @Test func `links are followed, and whose they are counts`() throws {
    try make()
    let link = "\(TemporaryDirectory.path)/link"
    symlink("a/b/../b", link)
    #expect(distrust("\(link)/file") == nil)
    try #require(chown("\(root)/b", Self.stranger, 0) == 0)
    #expect(distrust("\(link)/file")?.path == "\(root)/b")
    try #require(chown("\(root)/b", Self.me, 0) == 0)
    try #require(lchown(link, Self.stranger, 0) == 0)
    #expect(
      distrust("\(link)/file")
        == Distrust(link, "it is a link that belongs to \(Self.stranger)"))
    symlink("loop", "\(TemporaryDirectory.path)/loop")
    #expect(PathTrust.distrust(onTheWayTo: "\(TemporaryDirectory.path)/loop/x") == nil)
  }

  @Test func `what is not there is nobody's`() throws {
    try make()
    #expect(PathTrust.distrust(onTheWayTo: "\(root)/none/of/it", user: Self.me) == nil)
  }

  @Test func `a folder is opened without following names that others exchange`() throws {
    try make()
    try #require(chown(root, 0, 0) == 0 && chown("\(root)/b", 0, 0) == 0)
    let folder = try Folder(root, .user)
    let inner = try folder.folder("b", .user)
    // Whatever stands at the name now, the folder is the one that was opened.
    try #require(rename("\(root)/b", "\(root)/c") == 0 && mkdir("\(root)/b", 0o700) == 0)
    #expect(inner.names == ["file"])
    symlink("c", "\(root)/link")
    #expect(throws: Folder.Refusal.self) { _ = try folder.folder("link", .user).path }
    #expect(throws: Folder.Refusal.self) { _ = try folder.makingFolder("link", .user).path }
    try #require(chown("\(root)/c", Self.stranger, 0) == 0)
    #expect(throws: Folder.Refusal.self) { _ = try folder.folder("c", .user).path }
    symlink("/etc/passwd", "\(root)/b/x")
    let now = try folder.folder("b", .user)
    #expect(throws: SystemCallError.self) { _ = try now.open("x", O_RDONLY).fd }
  }
}
