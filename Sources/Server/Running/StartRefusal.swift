package import Ledger
package import Linux

/// Why the server does not start. What to do about it, the program says.
package enum StartRefusal: Error, Sendable {
  case badAddress(text: String, reason: String)
  /// Others could come in there, and nothing keeps them from reading along.
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
