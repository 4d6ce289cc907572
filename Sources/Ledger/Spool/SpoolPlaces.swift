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

  let all: [Place]

  init(_ directory: LedgerDirectory) {
    // Two ledgers of one user share the places outside.
    let key = String(Digest(of: Self.canonical(directory.path)).description.prefix(16))
    // A crontab line has no XDG_RUNTIME_DIR, and is to find what a session has kept, and the other way round.
    let ofUser = "/run/user/\(geteuid())"
    let runtime = Environment.value("XDG_RUNTIME_DIR") ?? ofUser
    all =
      [Place(directory.path, "spool"), Place(runtime, "taro-spool", key)]
      + (runtime == ofUser ? [] : [Place(ofUser, "taro-spool", key)])
      + [Place("/tmp", "taro-spool-\(geteuid())", key)]
  }

  /// The kernel follows no more on the way to a file.
  private static let maximumLinks = 40

  /// The same for each way to write it, whether the directory is there or not: a link counts as what it names, though
  /// that be on a disk that is not mounted yet.
  private static func canonical(_ path: String) -> [UInt8] {
    let slash = UInt8(ascii: "/")
    let whole = path.hasPrefix("/") ? path : "\(Host.currentDirectory())/\(path)"
    // The next one last.
    var ahead = Array(whole.utf8.split(separator: slash).map { Array($0) }.reversed())
    var found: [[UInt8]] = []
    var links = 0
    while let name = ahead.popLast() {
      switch name {
      case Array(".".utf8): break
      case Array("..".utf8): _ = found.popLast()
      default:
        let there = (found + [name]).flatMap { [slash] + $0 }
        guard links < maximumLinks, let target = Host.linkTarget(there) else {
          found.append(name)
          break
        }
        links += 1
        if target.first == slash { found = [] }
        ahead += target.split(separator: slash).map { Array($0) }.reversed()
      }
    }
    return found.isEmpty ? [slash] : found.flatMap { [slash] + $0 }
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
