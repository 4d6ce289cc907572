package import Events
internal import Glibc
package import Ledger
internal import Linux
internal import Synchronization

/// The file `tokens.json` beside the ledger: who may come in, and the sessions of browsers. Whoever holds the lock on
/// its directory changes it as a whole; the server reads it again when it has changed, which one stat(2) tells.
package final class TokenFile: Sendable {
  package enum Failure: Error, Sendable, CustomStringConvertible {
    case taken(String)
    case unknown(String)
    case held(String)
    case unusable(path: String, reason: String)
    case noLedger(String)

    /// The trouble about which the program has more to say.
    package var trouble: ServerRemedies.Trouble? {
      switch self {
      case .unknown: .unknownToken
      case .noLedger: .noDirectory
      case .taken, .held, .unusable: nil
      }
    }

    package var description: String {
      switch self {
      case .taken(let name):
        "there is a token \(EscapedText.of(name)) already; revoke it first, or take another name"
      case .unknown(let name):
        "there is no token \(EscapedText.of(name))"
      case .held(let path):
        "somebody else is changing \(path); try again"
      case .unusable(let path, let reason): "\(path): \(reason)"
      case .noLedger(let path):
        "there is no directory \(path) yet"
      }
    }
  }

  /// The marks by which a file is known to be another, or to have another content: it is replaced, and never written
  /// into.
  private struct Stamp: Equatable {
    var inode: UInt64 = 0
    var device: UInt64 = 0
    var seconds = 0
    var nanoseconds = 0
    var size: Int64 = 0
  }

  private struct State {
    var stamp: Stamp?
    var list = TokenList()
    var failure: Failure?
  }

  private static let sizeLimit = 4 << 20
  /// The most sessions of one token.
  private static let sessionLimit = 32

  package let path: String
  private let directory: LedgerDirectory
  private let state = Mutex(State())

  package init(_ directory: LedgerDirectory) {
    self.directory = directory
    path = "\(directory.path)/tokens.json"
  }

  // MARK: Reading

  /// Returns the tokens as they are now. Where the file cannot be used nobody comes in: then the failure is there.
  func current() -> (list: TokenList, failure: Failure?) {
    let stamp = stamp()
    if let known = state.withLock({ $0.stamp == stamp ? ($0.list, $0.failure) : nil }) {
      return known
    }
    var list = TokenList()
    var failure: Failure?
    do throws(Failure) { list = try read() } catch { failure = error }
    // Two threads that read at once have read the same, or will see at the next request that it has changed.
    state.withLock { $0 = State(stamp: stamp, list: list, failure: failure) }
    return (list, failure)
  }

  private func stamp() -> Stamp {
    var info = stat()
    guard stat(path, &info) == 0 else { return Stamp() }
    return Stamp(
      inode: UInt64(info.st_ino), device: UInt64(info.st_dev), seconds: info.st_mtim.tv_sec,
      nanoseconds: info.st_mtim.tv_nsec, size: Int64(info.st_size))
  }

  private func read() throws(Failure) -> TokenList {
    func unusable(_ reason: String) -> Failure { .unusable(path: path, reason: reason) }
    guard let file = try open() else { return TokenList() }
    var info = stat()
    guard fstat(file.fd, &info) == 0 else { throw unusable(Errno.current.message) }
    guard info.st_uid == geteuid() || info.st_uid == 0 else {
      throw unusable("it belongs to somebody else; put it aside and add the tokens again")
    }
    guard info.st_mode & 0o077 == 0 else {
      throw unusable("others can read or write it; run: chmod 600 \(path)")
    }
    guard let bytes = try? RawIO.readAll(file.fd, limit: Self.sizeLimit + 1),
      bytes.count <= Self.sizeLimit,
      let json = try? JSON(parsing: String(decoding: bytes, as: UTF8.self)),
      let list = TokenList(json)
    else {
      throw unusable("it is no list of tokens; put it aside and add the tokens again")
    }
    return list
  }

  /// Returns nil where there is no file.
  private func open() throws(Failure) -> Descriptor? {
    do throws(SystemCallError) {
      return try Descriptor.openRegular(path, O_RDONLY | O_NOFOLLOW)
    } catch {
      if error.errno == .noEntry { return nil }
      throw .unusable(path: path, reason: error.errno.message)
    }
  }

  // MARK: Changing

  /// Changes the tokens; whoever else changes them waits.
  @discardableResult
  func change<Result>(_ body: (inout TokenList) throws(Failure) -> Result) throws(Failure) -> Result
  {
    guard directory.isOurs else { throw .noLedger(directory.path) }
    guard let lock = try? Descriptor.open(directory.path, O_RDONLY | O_DIRECTORY),
      FileLock.acquire(lock.fd, milliseconds: 5000) == .locked
    else { throw .held(path) }
    var list = try read()
    let result = try body(&list)
    list.prune(at: .now)
    do throws(SystemCallError) {
      _ = try WholeFile.write(list.json.prettyText + "\n", to: path, overwrites: true)
    } catch { throw .unusable(path: path, reason: error.description) }
    return result
  }

  package struct Added: Sendable {
    /// The token's text, which is shown once, and known to nobody afterwards.
    package let text: String
    package let token: Token
  }

  package func add(
    _ name: String, _ scope: Token.Scope, jobs: [String], expiresAt: WallTime?
  ) throws(Failure) -> Added {
    let text = Token.makeText()
    let token = Token(
      name: name, digest: Token.digest(of: text), scope: scope, jobs: jobs,
      createdAt: .now, expiresAt: expiresAt)
    try change { list throws(Failure) in
      guard !list.tokens.contains(where: { $0.name == name }) else { throw .taken(name) }
      list.tokens.append(token)
    }
    return Added(text: text, token: token)
  }

  package func revoke(_ name: String) throws(Failure) {
    try change { list throws(Failure) in
      guard list.tokens.contains(where: { $0.name == name }) else { throw .unknown(name) }
      list.tokens.removeAll { $0.name == name }
    }
  }

  package func list() throws(Failure) -> [Token] {
    let (list, failure) = current()
    if let failure { throw failure }
    return list.tokens
  }

  /// - Returns: the cookie.
  func openSession(of token: Digest) throws(Failure) -> (cookie: String, expiresAt: WallTime) {
    let cookie = Token.makeText()
    let now = WallTime.now
    return try change { list throws(Failure) in
      // A session lasts no longer than its token.
      let longest = now + BrowserSession.length
      let end = list.token(token)?.expiresAt.map { min(longest, $0) } ?? longest
      let own = list.sessions.filter { $0.token == token }
      if own.count >= Self.sessionLimit, let oldest = own.min(by: { $0.expiresAt < $1.expiresAt }) {
        list.sessions.removeAll { $0 == oldest }
      }
      list.sessions.append(
        BrowserSession(digest: Token.digest(of: cookie), token: token, expiresAt: end))
      return (cookie, end)
    }
  }

  func endSession(_ cookie: String) throws(Failure) {
    let digest = Token.digest(of: cookie)
    try change { list throws(Failure) in list.sessions.removeAll { $0.digest == digest } }
  }
}
