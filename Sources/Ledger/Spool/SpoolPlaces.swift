internal import Glibc
internal import Linux

/// Where what cannot be appended to a ledger waits: beside it; where that cannot be written, in a private directory of
/// this user: under XDG_RUNTIME_DIR (else /run/user/UID), else under /tmp. Whoever can write the ledger looks into all
/// of them.
struct SpoolPlaces {
  /// A directory for the spools of one ledger.
  struct Place {
    let path: String
    /// Each has to be ours alone, and is made where it is missing; what is above has to be there.
    fileprivate let folders: [String]

    fileprivate init(_ base: String, _ names: String...) {
      folders = names.indices.map { ([base] + names[...$0]).joined(separator: "/") }
      path = folders.last ?? base
    }
  }

  /// For a run that cannot append, in this order.
  let all: [Place]
  /// Where runs were kept besides, while a link on the way to the ledger led nowhere: to a disk that was not mounted.
  let former: [Place]

  init(_ directory: LedgerDirectory) {
    let names = Self.names(directory.path)
    all = [Place(directory.path, "spool")] + Self.outside(names.present)
    former = names.former.flatMap(Self.outside)
  }

  private static func outside(_ name: [UInt8]) -> [Place] {
    // Two ledgers of one user share the places outside.
    let key = String(Digest(of: name).description.prefix(16))
    // A crontab line has no XDG_RUNTIME_DIR, and is to find what a session has kept, and the other way round.
    let ofUser = "/run/user/\(geteuid())"
    let runtime = Environment.value("XDG_RUNTIME_DIR") ?? ofUser
    return [Place(runtime, "taro-spool", key)]
      + (runtime == ofUser ? [] : [Place(ofUser, "taro-spool", key)])
      + [Place("/tmp", "taro-spool-\(geteuid())", key)]
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

extension SpoolPlaces.Place {
  /// Makes sure that the directory is there and that nobody else can put anything into it.
  func prepare() throws(SystemCallError) {
    for folder in folders {
      if mkdir(folder, 0o700) == 0 {
        // A umask may have taken from us what we need.
        chmod(folder, 0o700)
      } else if errno != EEXIST {
        throw SystemCallError("mkdir", folder)
      }
      guard Self.isOurs(folder) else { throw SystemCallError("use", folder, Errno(EPERM)) }
    }
  }

  /// The names in it; none where it is not there, or not ours alone.
  var names: [String] {
    guard folders.allSatisfy(Self.isOurs) else { return [] }
    return DirectoryListing.names(in: path)
  }

  private static func isOurs(_ path: String) -> Bool {
    var info = stat()
    return lstat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFDIR
      && info.st_uid == geteuid() && info.st_mode & 0o022 == 0
  }
}
