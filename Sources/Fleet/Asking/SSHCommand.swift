/// The call of `ssh`. It does everything of a connection, and honours the configuration of who calls.
package struct SSHCommand: Equatable, Sendable {
  /// `KEY=VALUE` each; they go before everything else.
  package var options: [String] = []
  /// Microseconds.
  package var connectTimeout: Int64 = 5_000_000
  /// The directory for the sockets of connections that are shared; nil where none is.
  package var socketDirectory: String?
  /// Nobody is asked for a password.
  package var isBatch = true
  /// The connection is to be noticed when it has broken, though nothing is sent.
  package var keepsAlive = false

  package init() {}

  /// The words of the call.
  /// - Parameter command: for the shell on the far side.
  package func words(_ address: SSHAddress, command: [UInt8]) -> [[UInt8]] {
    var words = ["ssh", "-T"]
    func add(_ option: String) { words += ["-o", option] }
    // Of an option that is there twice the first counts (ssh_config(5)).
    for option in options { add(option) }
    add("BatchMode=\(isBatch ? "yes" : "no")")
    add("ConnectTimeout=\(max(1, (connectTimeout + 999_999) / 1_000_000))")
    add("LogLevel=ERROR")
    // What a configuration may say of sessions that somebody sits in front of.
    for option in [
      "RemoteCommand=none", "RequestTTY=no", "ClearAllForwardings=yes", "PermitLocalCommand=no",
    ] { add(option) }
    if keepsAlive {
      add("ServerAliveInterval=5")
      add("ServerAliveCountMax=3")
    }
    if let socketDirectory {
      add("ControlMaster=auto")
      add("ControlPath=\(socketDirectory)/\(socketName(address))")
      add("ControlPersist=60")
    }
    if let port = address.port { words += ["-p", "\(port)"] }
    if let user = address.user { words += ["-l", user] }
    // Behind -- nothing is an option, whatever it is called.
    words += ["--", address.host]
    return words.map { Array($0.utf8) } + [command]
  }

  /// A short name for the connection, the same for the same address and options (FNV-1a): the paths of sockets may not be
  /// long.
  private func socketName(_ address: SSHAddress) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for text in [address.description] + options {
      for byte in Array(text.utf8) + [0] { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    }
    return String(hash, radix: 36)
  }
}
