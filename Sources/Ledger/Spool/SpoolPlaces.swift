internal import Digests
internal import Events
internal import Glibc
internal import Linux

/// The directories in which waits what cannot be appended to a ledger: beside it; where that cannot be written, in a private directory of
/// this user. Whoever can write the ledger looks into all of them.
struct SpoolPlaces {
  /// For a runner that cannot append, in this order.
  let all: [SpoolPlace]
  /// The places where spools were kept besides, while a link on the way to the ledger led nowhere: to a disk that was
  /// not mounted.
  let former: [SpoolPlace]

  /// - Parameter isSafe: false where the ledger's directory, or one above it, is not this user's alone.
  init(_ directory: LedgerDirectory, isSafe: Bool = true) {
    let names = Self.names(directory.path)
    all = (isSafe ? [SpoolPlace(beside: directory)] : []) + Self.outside(names.present)
    former = names.former.flatMap(Self.outside)
  }

  /// First what is the user's alone; then, for root, where only root makes names, on a disk and in memory; last /tmp.
  private static func outside(_ ledger: [UInt8]) -> [SpoolPlace] {
    let user = geteuid()
    // Two ledgers of one user share the places outside.
    let key = String(Digest(of: ledger).description.prefix(16))
    // A crontab line has no XDG_RUNTIME_DIR, and is to find what a session has kept, and the other way round.
    let session = "/run/user/\(user)"
    let runtime = Environment.value("XDG_RUNTIME_DIR").flatMap { $0.hasPrefix("/") ? $0 : nil }
    return [runtime, session == runtime ? nil : session].compactMap { $0 }.map {
      SpoolPlace($0, .private, "taro-spool", key)
    }
      + (user == 0 ? ["/var/lib", "/run"] : []).map { SpoolPlace($0, .ofRoot, "taro-spool", key) }
      + [SpoolPlace("/tmp", .shared, "taro-spool-\(user)", key)]
  }

  /// The directory's name, the same for each way to write it, whether it is there or not; and what that was as long as
  /// a link on the way did not lead to a directory: such a link is in the place of one, and is not followed.
  private static func names(_ path: String) -> (present: [UInt8], former: [[UInt8]]) {
    let slash = UInt8(ascii: "/")
    let whole = path.hasPrefix("/") ? path : "\(Host.currentDirectory())/\(path)"
    // The next one last.
    var ahead = Array(whole.utf8.split(separator: slash).map { Array($0) }.reversed())
    var found: [[UInt8]] = []
    var former: [[UInt8]] = []
    while let part = ahead.popLast() {
      let there = name(found + [part])
      guard let target = Host.linkTarget(there), Host.realPath(there + Array("/.".utf8)) != nil
      else {
        add(part, to: &found)
        continue
      }
      var unfollowed = found
      for part in [part] + ahead.reversed() { add(part, to: &unfollowed) }
      former.append(name(unfollowed))
      if target.first == slash { found = [] }
      ahead += target.split(separator: slash).map { Array($0) }.reversed()
    }
    return (name(found), former)
  }

  private static func add(_ part: [UInt8], to parts: inout [[UInt8]]) {
    switch part {
    case Array(".".utf8): break
    case Array("..".utf8): _ = parts.popLast()
    default: parts.append(part)
    }
  }

  private static func name(_ parts: [[UInt8]]) -> [UInt8] {
    parts.isEmpty ? [UInt8(ascii: "/")] : parts.flatMap { [UInt8(ascii: "/")] + $0 }
  }
}
