internal import Glibc
internal import Linux

/// A directory for the spools of one ledger. Each level is opened from the one above it and asked whose it is, so that
/// nobody who can exchange names on the way gets events into a ledger that are not its user's.
struct SpoolPlace {
  enum Kind {
    /// In the ledger's directory.
    case besideLedger
    /// In a directory that is this user's alone.
    case `private`
    /// In a directory where only root makes names.
    case ofRoot
    /// In a directory where everybody makes names. Who has made this user's before takes it away from nobody: the next is
    /// one with a random end, found by its owner.
    case shared
  }

  let kind: Kind
  private let base: String
  private let levels: [String]

  init(_ base: String, _ kind: Kind, _ levels: String...) {
    (self.base, self.kind, self.levels) = (base, kind, levels)
  }

  init(beside directory: LedgerDirectory) {
    self.init(directory.path, .besideLedger, LedgerDirectory.spoolName)
  }

  /// Its name, unless somebody else has taken that.
  var path: String { ([base] + levels).joined(separator: "/") }

  private var baseOwner: Folder.Owner {
    switch kind {
    case .besideLedger: .user
    case .private: .userAlone
    case .ofRoot: .root
    case .shared: .anybody
    }
  }

  /// The ledger's directory may be named by a link: whose that is has been asked.
  private func openBase() throws(Folder.Refusal) -> Folder {
    try Folder(base, baseOwner, followsLink: kind == .besideLedger)
  }

  /// Opens it to keep something there, and makes it where it is missing; what it is in has to be there.
  /// - Parameter isRefused: told of a name that somebody else has taken, where another was found.
  func make(_ isRefused: (Distrust) -> Void) throws(Folder.Refusal) -> Folder {
    let base = try openBase()
    guard let first = levels.first else { return base }
    do throws(Folder.Refusal) {
      return try Self.make(levels.dropFirst(), in: base.makingFolder(first, .user))
    } catch {
      guard kind == .shared, case .distrusted(let distrust) = error else { throw error }
      isRefused(distrust)
    }
    let name = substitutes(in: base).first ?? Self.substitute(for: first)
    return try Self.make(levels.dropFirst(), in: base.makingFolder(name, .user))
  }

  private static func make(
    _ levels: ArraySlice<String>, in folder: consuming Folder
  ) throws(Folder.Refusal) -> Folder {
    for level in levels { folder = try folder.makingFolder(level, .user) }
    return folder
  }

  /// Opens what is there of it: nothing mostly, which costs one system call.
  /// - Parameter thoroughly: look for directories with a random end even where the usual name is free again. Reads all
  ///   names of /tmp.
  /// - Parameter body: called with each; false ends the search.
  func forEachFolder(thoroughly: Bool, _ body: (borrowing Folder) throws(LedgerError) -> Bool)
    throws(LedgerError)
  {
    var info = stat()
    guard let first = levels.first else { return }
    let isThere = unsafe lstat("\(base)/\(first)", &info) == 0
    if isThere, let folder = open(first) { guard try body(folder) else { return } }
    guard kind == .shared, thoroughly || (isThere && info.st_uid != geteuid()),
      let base = try? openBase()
    else { return }
    for name in substitutes(in: base) {
      guard let folder = open(name) else { continue }
      guard try body(folder) else { return }
    }
  }

  private func open(_ first: String) -> Folder? {
    guard let base = try? openBase(), var folder = try? base.folder(first, .user)
    else { return nil }
    for level in levels.dropFirst() {
      guard let next = try? folder.folder(level, .user) else { return nil }
      folder = next
    }
    return folder
  }

  private func substitutes(in base: borrowing Folder) -> [String] {
    guard let first = levels.first else { return [] }
    var found: [String] = []
    for name in base.names where name.hasPrefix("\(first)-") {
      if (try? base.folder(name, .user)) != nil { found.append(name) }
    }
    return found
  }

  private static func substitute(for name: String) -> String {
    var random = SystemRandomNumberGenerator()
    return "\(name)-\(String(random.next(), radix: 36))"
  }
}
