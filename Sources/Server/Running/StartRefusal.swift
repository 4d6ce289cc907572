package import Ledger
package import Linux

/// The reason why the server does not start. The program says what to do about it.
package enum StartRefusal: Error, Sendable {
  case badAddress(text: String, reason: String)
  /// Nothing there keeps others from coming in and reading along.
  case unprotected(address: String, lacksTLS: Bool, lacksToken: Bool)
  case incompleteTLS
  case badCertificate(path: String, reason: String)
  case badTokens(reason: String)
  /// The kernel gives no socket there.
  case cannotListen(address: String, Errno)
  /// Another server listens on that socket.
  case socketIsLive(String)
  /// Something else than a socket of this user has that name.
  case socketIsForeign(String)
  /// A descriptor of the service manager is no socket that can be used.
  case badDescriptor(Int32)
  case ledger(LedgerError)
  case noThreads(String)
}
