internal import Glibc
internal import Linux

/// Where what cannot be appended to a ledger waits: beside it; where that cannot be written, in a private directory of
/// this user: under XDG_RUNTIME_DIR (else /run/user/UID), else under /tmp. Whoever can write the ledger looks into all
/// of them.
struct SpoolPlaces {
  /// A directory for the spools of one ledger.
  struct Place {
    let path: String
    /// From here on directories are made; what is above has to be there.
    fileprivate let base: String
  }

  let all: [Place]

  init(_ directory: LedgerDirectory) {
    // Two ledgers of one user share the places outside.
    let key = Digest(of: Array(Self.absolute(directory.path).utf8)).description.prefix(16)
    let runtime = Environment.value("XDG_RUNTIME_DIR") ?? "/run/user/\(geteuid())"
    all = [
      Place(path: directory.spool, base: directory.path),
      Place(path: "\(runtime)/taro-spool/\(key)", base: runtime),
      Place(path: "/tmp/taro-spool-\(geteuid())/\(key)", base: "/tmp"),
    ]
  }

  /// Links are not followed: the directory may be gone when it is asked for.
  private static func absolute(_ path: String) -> String {
    let whole = path.hasPrefix("/") ? path : "\(Host.currentDirectory())/\(path)"
    return "/" + whole.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
  }
}

extension SpoolPlaces.Place {
  /// Makes sure that the directory is there and that nobody else can put anything into it.
  func prepare() throws(SystemCallError) {
    var made = base
    for component in path.dropFirst(base.utf8.count).split(separator: "/") {
      made += "/\(component)"
      if mkdir(made, 0o700) == 0 {
        // A umask may have taken from us what we need.
        chmod(made, 0o700)
      } else if errno != EEXIST {
        throw SystemCallError("mkdir", made)
      }
      guard Self.isOurs(made) else { throw SystemCallError("use", made, Errno(EPERM)) }
    }
  }

  /// The names in it; none where it is not there, or not ours alone.
  var names: [String] {
    guard Self.isOurs(path) else { return [] }
    return DirectoryListing.names(in: path)
  }

  private static func isOurs(_ path: String) -> Bool {
    var info = stat()
    return lstat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFDIR
      && info.st_uid == geteuid() && info.st_mode & 0o022 == 0
  }
}
