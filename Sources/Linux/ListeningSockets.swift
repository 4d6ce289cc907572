internal import CLinux
internal import Glibc

/// Sockets that listen, made without a server's framework: what goes wrong is known by its number.
package enum ListeningSockets {
  package static func tcp(
    _ endpoint: InternetEndpoint, backlog: Int32 = 1024
  ) throws(SystemCallError) -> Descriptor {
    let family = endpoint.address.family == .v4 ? AF_INET : AF_INET6
    let fd = unsafe clinux_listen_tcp(family, endpoint.address.bytes, endpoint.port, 0, backlog)
    guard fd >= 0 else { throw SystemCallError("bind", "\(endpoint)") }
    return Descriptor(owning: fd)
  }

  package enum Occupant: Error, Sendable {
    /// Somebody listens there.
    case live
    /// Something else has that name.
    case foreign
    case failed(SystemCallError)
  }

  /// A socket that only this user can connect to. One that a killed server has left behind is replaced.
  package static func unix(
    _ path: String, backlog: Int32 = 1024
  ) throws(Occupant) -> Descriptor {
    let fd = unsafe clinux_listen_unix(path, backlog)
    if fd >= 0 { return Descriptor(owning: fd) }
    guard errno == EADDRINUSE else { throw .failed(SystemCallError("bind", path)) }
    var info = stat()
    guard unsafe lstat(path, &info) == 0, info.st_mode & S_IFMT == S_IFSOCK,
      info.st_uid == geteuid()
    else { throw .foreign }
    switch unsafe clinux_unix_is_live(path) {
    case 1: throw .live
    case 0: break
    default: throw .failed(SystemCallError("connect", path))
    }
    unsafe unlink(path)
    let second = unsafe clinux_listen_unix(path, backlog)
    // Somebody else was faster.
    guard second >= 0 else {
      throw errno == EADDRINUSE ? .live : .failed(SystemCallError("bind", path))
    }
    return Descriptor(owning: second)
  }

  /// The name that a listening descriptor is bound to.
  package enum Name: Equatable, Sendable {
    case internet(InternetEndpoint)
    case unix
    /// It is no socket of either kind.
    case other
  }

  package static func name(of fd: Int32) -> Name {
    var name = clinux_socket_name()
    guard unsafe clinux_socket_name(fd, &name) == 0 else { return .other }
    if name.family == AF_UNIX { return .unix }
    guard let address = InternetAddress(name) else { return .other }
    return .internet(InternetEndpoint(address, port: name.port))
  }
}

/// The owner of the socket at the other end of a connection over loopback: the kernel's word.
package enum SocketOwner {
  /// The user who has the socket open; nil where the kernel does not say so. One that has been closed by its owner is
  /// nobody's, and the kernel would call it root's: it is not believed then.
  package static func uid(of own: InternetEndpoint, connectedTo other: InternetEndpoint) -> UInt32?
  {
    var ownName = own.name
    var otherName = other.name
    var owner = clinux_socket_owner()
    if unsafe clinux_socket_owner(&ownName, &otherName, &owner) == 0 {
      return owner.inode != 0 && connectedStates.contains(owner.state) ? owner.uid : nil
    }
    // Nothing but a refusal to be asked is a reason to ask elsewhere: a kernel without the module, a sandbox.
    return errno == ENOENT && !isUnavailable ? nil : uidByFile(own, other)
  }

  /// ESTABLISHED, FIN_WAIT1, FIN_WAIT2, CLOSE_WAIT: who has said that he says nothing more may still listen.
  private static let connectedStates: Set<UInt32> = [1, 4, 5, 8]

  /// A kernel without the module for TCP (tcp_diag) answers ENOENT to every question.
  private static var isUnavailable: Bool { unsafe access("/sys/module/tcp_diag", F_OK) != 0 }

  /// proc_net(5): `sl local_address rem_address st ... uid timeout inode`; numbers in the processor's order.
  package static func uidByFile(_ own: InternetEndpoint, _ other: InternetEndpoint) -> UInt32? {
    for (path, isMapped) in [("/proc/net/tcp", false), ("/proc/net/tcp6", true)] {
      guard let wanted = words(own, isMapped), let remote = words(other, isMapped),
        let bytes = RawIO.contents(of: path, limit: 64 << 20)
      else { continue }
      for line in bytes.split(separator: 0x0a).dropFirst() {
        let fields = String(decoding: line, as: UTF8.self).split(separator: " ")
        guard fields.count > 9, fields[1] == wanted, fields[2] == remote else { continue }
        return fields[9] == "0" ? nil : UInt32(fields[7])
      }
    }
    return nil
  }

  private static func words(_ endpoint: InternetEndpoint, _ asIPv6: Bool) -> String? {
    var bytes = endpoint.address.bytes
    if asIPv6, bytes.count == 4 { bytes = [UInt8](repeating: 0, count: 10) + [255, 255] + bytes }
    if !asIPv6, bytes.count == 16 {
      let plain = endpoint.address.unmapped
      guard plain.family == .v4 else { return nil }
      bytes = plain.bytes
    }
    let address = stride(from: 0, to: bytes.count, by: 4).map { start in
      let word = unsafe bytes[start..<(start + 4)].withUnsafeBytes {
        unsafe $0.loadUnaligned(as: UInt32.self)
      }
      return hexadecimal(UInt64(word), digits: 8)
    }
    return address.joined() + ":" + hexadecimal(UInt64(endpoint.port), digits: 4)
  }

  private static func hexadecimal(_ number: UInt64, digits: Int) -> String {
    let text = String(number, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
  }
}

/// The service manager, systemd: what it is told, and what it gives (sd_notify(3), sd_listen_fds(3)).
package enum ServiceManager {
  /// Sends `READY=1` and the like where somebody wants to know.
  /// - Returns: false when nobody does, or nobody could be told.
  @discardableResult
  package static func notify(_ state: String) -> Bool {
    guard let path = Environment.value("NOTIFY_SOCKET"), path.hasPrefix("/") || path.hasPrefix("@")
    else { return false }
    return unsafe state.utf8.withContiguousStorageIfAvailable {
      unsafe clinux_send_to_unix(path, $0.baseAddress, $0.count) == 0
    }
      ?? Array(state.utf8).withUnsafeBytes {
        unsafe clinux_send_to_unix(path, $0.baseAddress, $0.count) == 0
      }
  }

  /// The interval at which it wants a sign of life, microseconds; nil where it wants none.
  package static var watchdogInterval: Int64? {
    guard let interval = Environment.value("WATCHDOG_USEC").flatMap({ Int64($0) }), interval > 0
    else { return nil }
    let pid = Environment.value("WATCHDOG_PID")
    return pid == nil || pid == "\(getpid())" ? interval : nil
  }

  /// The descriptors of sockets that were opened for this process.
  package static func listeningDescriptors() -> [Int32] {
    guard Environment.value("LISTEN_PID") == "\(getpid())",
      let count = Environment.value("LISTEN_FDS").flatMap({ Int32($0) }), (1...1000).contains(count)
    else { return [] }
    let descriptors = Array(3..<(3 + count))
    for fd in descriptors { _ = clinux_fcntl(fd, F_SETFD, FD_CLOEXEC) }
    return descriptors
  }
}

package enum OpenFileLimit {
  /// Lets this process have as many open files as it may; returns how many.
  @discardableResult
  package static func raise() -> Int { clinux_raise_open_files() }
}
