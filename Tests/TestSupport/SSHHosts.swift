internal import Glibc
internal import Ledger
internal import Linux
internal import Testing

/// Hosts that are reached by ssh: an `sshd` of the test's own with a port for each, keys, and an `ssh` in a PATH of the
/// test's own. Nothing of the machine's ssh is touched.
package final class SSHHosts {
  /// What a host does differently.
  package struct Behaviour: Sendable {
    package var name: String
    /// What is run in place of what was asked for, which is in `$SSH_ORIGINAL_COMMAND`.
    package var command: String?
    package var ledger: String?

    package init(_ name: String, command: String? = nil, ledger: String? = nil) {
      self.name = name
      self.command = command
      self.ledger = ledger
    }
  }

  package let root: String
  package private(set) var ports: [String: UInt16] = [:]
  private let taro: TaroProgram
  private var daemons: [TaroProcess] = []
  /// An address of this host that no other test has: whatever its port, it is free.
  package let address: String

  /// - Parameters:
  ///   - names: of hosts that just answer.
  ///   - others: of those that do not.
  package init(_ taro: TaroProgram, _ names: [String], others: [Behaviour] = []) throws {
    self.taro = taro
    root = "\(taro.root)/ssh"
    let bytes = try Files.randomBytes(3)
    address = "127.\(64 + (try bytes.at(0)) % 64).\(try bytes.at(1)).\(1 + (try bytes.at(2)) % 254)"
    guard mkdir(root, 0o755) == 0, mkdir("\(root)/bin", 0o755) == 0 else {
      throw SystemCallError("mkdir", root)
    }
    for key in ["host", "user", "stranger"] {
      try taro.shell("ssh-keygen -q -t ed25519 -N '' -f '\(root)/\(key)'").expect(code: 0)
    }
    try taro.shell(
      """
      cd '\(root)' && cp user.pub authorized_keys && echo "* $(cut -d' ' -f1,2 host.pub)" > known_hosts
      echo "* $(cut -d' ' -f1,2 stranger.pub)" > known_wrongly
      printf '#!/bin/sh\\nexec /usr/bin/ssh -F %s/config "$@"\\n' "$PWD" > bin/ssh && chmod 755 bin/ssh
      """
    ).expect(code: 0)
    let all = names.map { Behaviour($0) } + others
    for (index, behaviour) in all.enumerated() { ports[behaviour.name] = UInt16(2200 + index) }
    try writeConfiguration(all)
    for first in stride(from: 0, to: all.count, by: Self.mostPorts) {
      try start(Array(all[first..<min(first + Self.mostPorts, all.count)]))
    }
  }

  /// One daemon listens on no more (MAX_LISTEN_SOCKS of OpenSSH).
  private static let mostPorts = 16

  deinit { stop() }

  /// A port where nobody answers.
  package let deadPort: UInt16 = 9

  private func writeConfiguration(_ hosts: [Behaviour]) throws {
    var text = ""
    for host in hosts {
      text += "Host \(host.name)\n  HostName \(address)\n  Port \(ports[host.name] ?? 0)\n"
    }
    text += """
      Host *
        IdentityFile \(root)/user
        IdentitiesOnly yes
        UserKnownHostsFile \(root)/known_hosts
        GlobalKnownHostsFile /dev/null
        StrictHostKeyChecking yes

      """
    try Files.write(Array(text.utf8), to: "\(root)/config")
  }

  /// More of the client's configuration, before all else: of an option the first counts.
  package func prepend(_ configuration: String) throws {
    let text = try Files.text("\(root)/config")
    try Files.write(Array((configuration + "\n" + text).utf8), to: "\(root)/config")
  }

  /// Starts a daemon for these hosts.
  package func start(_ hosts: [Behaviour]) throws {
    let programs = try BuiltProgram.path("taro").dropLast("/taro".count)
    var text = """
      HostKey \(root)/host
      AuthorizedKeysFile \(root)/authorized_keys
      PidFile none
      UsePAM no
      StrictModes no
      PasswordAuthentication no
      KbdInteractiveAuthentication no
      PermitRootLogin yes
      MaxStartups 1000
      MaxSessions 100
      LogLevel ERROR
      ListenAddress \(address)
      SetEnv PATH=\(programs):/usr/bin:/bin HOME=\(taro.root)/home TARO_LEDGER=\(taro.ledger.path) \
      XDG_RUNTIME_DIR=\(taro.runtime)

      """
    for host in hosts { text += "Port \(ports[host.name] ?? 0)\n" }
    for host in hosts {
      guard let command = host.command else { continue }
      text += "Match LocalPort \(ports[host.name] ?? 0)\n  ForceCommand \(command)\n"
    }
    let path = "\(root)/sshd-\(daemons.count)"
    try Files.write(Array(text.utf8), to: path)
    let daemon = try taro.startShell(
      """
      export LD_LIBRARY_PATH=$(echo '\(TestHost.sshServer)'/usr/lib/*-linux-gnu)
      sshd='\(TestHost.sshServer)/usr/sbin/sshd'
      [ "$(id -u)" = 0 ] || exec "$sshd" -D -e -f '\(path)'
      # For root it wants a directory and an account of its own: its process alone has them.
      exec unshare -m sh -c '
        mount -t tmpfs none /run && mkdir /run/sshd && cp /etc/passwd /run/passwd &&
        { grep -q ^sshd: /run/passwd || echo sshd:x:65533:65534::/run/sshd:/bin/false >> /run/passwd; } &&
        mount --bind /run/passwd /etc/passwd && exec "$0" -D -e -f "$1"' "$sshd" '\(path)'
      """)
    daemons.append(daemon)
    for host in hosts { try waitUntilListening(ports[host.name] ?? 0, daemon) }
  }

  private func waitUntilListening(_ port: UInt16, _ daemon: TaroProcess) throws {
    try eventually("sshd listens on \(port)", seconds: 60) {
      let fd = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
      defer { close(fd) }
      var name = sockaddr_in()
      name.sin_family = sa_family_t(AF_INET)
      inet_pton(AF_INET, address, &name.sin_addr)
      name.sin_port = port.bigEndian
      return withUnsafePointer(to: &name) { name in
        name.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          connect(fd, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
      }
    }
  }

  /// The processes of the daemons: one for each connection, and what they run.
  package var sessions: [Int32] {
    func below(_ pid: Int32) -> [Int32] {
      let bytes = RawIO.contents(of: "/proc/\(pid)/task/\(pid)/children") ?? []
      let children = String(decoding: bytes, as: UTF8.self).split(separator: " ").compactMap {
        Int32($0)
      }
      return children.flatMap { [$0] + below($0) }
    }
    return daemons.flatMap { below($0.pid) }
  }

  /// Sends a signal to the daemons and all that they have started.
  package func signal(_ number: Int32) {
    for pid in sessions { kill(pid, number) }
    for daemon in daemons { daemon.signal(number) }
  }

  /// Breaks every connection, and leaves the daemons.
  package func cut() { for pid in sessions { kill(pid, SIGKILL) } }

  package func stop() {
    let all = sessions
    for daemon in daemons { daemon.signal(SIGKILL) }
    for pid in all { kill(pid, SIGKILL) }
    daemons = []
  }

  /// Starts `taroc` with this `ssh` in its PATH.
  package func taroc(
    _ arguments: String..., change: (inout TaroProgram.Setup) -> Void = { _ in }
  ) throws -> TaroProcess {
    try taro.start(program: "taroc", arguments) { setup in
      setup.environment["PATH"] = "\(root)/bin:/usr/bin:/bin"
      change(&setup)
    }
  }

  /// The same with words that are not all known beforehand.
  package func taroc(_ arguments: [String]) throws -> TaroProcess {
    try taro.start(program: "taroc", arguments) {
      $0.environment["PATH"] = "\(root)/bin:/usr/bin:/bin"
    }
  }

  /// Writes the file of hosts; each of these names has a ledger of its own below the root.
  package func configure(_ names: [String], more: String = "") throws {
    let folder = "\(taro.root)/home/.config/taroc"
    try taro.shell("mkdir -p '\(folder)'").expect(code: 0)
    var text = "hosts:\n"
    for name in names { text += "  \(name): {ledger: \(ledger(name))}\n" }
    text += "groups:\n  every: [\(names.joined(separator: ", "))]\n" + more
    try Files.write(Array(text.utf8), to: "\(folder)/hosts.yaml")
  }

  package func ledger(_ name: String) -> String { "\(taro.root)/ledger-\(name)" }
}
