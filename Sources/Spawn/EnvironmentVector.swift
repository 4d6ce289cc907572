internal import CLinux
internal import Glibc

/// The environment of this process with some variables added, or in place of those of the same name. What is
/// not changed is not copied: nothing in this process changes its own.
@safe struct EnvironmentVector: ~Copyable {
  private typealias Text = UnsafeMutablePointer<CChar>

  /// systemd names the process that it talks to, by its pid: who gets sockets (sd_listen_fds(3)), who is watched
  /// (sd_watchdog_enabled(3)), who writes into the journal (systemd.exec(5)).
  private static let pidVariables = ["LISTEN_PID=", "WATCHDOG_PID=", "SYSTEMD_EXEC_PID="]
  /// Names it a second time, by a number that the child cannot have; who finds none goes by the pid alone.
  private static let pidfdVariable = "LISTEN_PIDFDID="

  private let changes: CStringArray
  let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  /// The places where the child's pid is to stand, which nobody knows before there is one.
  let pidPlaces: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  private(set) var pidPlaceCount = 0
  /// The variables that these places are in.
  private let named: [UnsafeMutablePointer<CChar>]

  /// - Parameter namesChild: whether variables that name this process by its pid name the child.
  init(changes: [[UInt8]], removed: [[UInt8]], namesChild: Bool) {
    // With the equals sign.
    let names = (changes + removed).map {
      $0.prefix { $0 != UInt8(ascii: "=") } + [UInt8(ascii: "=")]
    }
    let changed = CStringArray(changes)
    var all: [Text] = unsafe []
    var named: [Text] = unsafe []
    unsafe pidPlaces = .allocate(capacity: Self.pidVariables.count)
    let namesSocketsOwner = namesChild && Self.namesThisProcess("LISTEN_PID")
    var next = unsafe clinux_environment()
    while let variable = unsafe next?.pointee {
      unsafe next = next?.successor()
      let isReplaced = names.contains { name in
        name.indices.allSatisfy { unsafe variable[$0] == CChar(bitPattern: name[$0]) }
      }
      if unsafe isReplaced || (namesSocketsOwner && Self.begins(variable, with: Self.pidfdVariable))
      {
        continue
      }
      // One of a name, of which getenv(3) takes the first: there is no place for more.
      if namesChild, pidPlaceCount < Self.pidVariables.count,
        let name = Self.pidVariables.first(where: { unsafe Self.begins(variable, with: $0) }),
        unsafe Self.isOwnPID(variable + name.utf8.count)
      {
        let copy = Text.allocate(capacity: name.utf8.count + Int(clinux_pid_digits))
        unsafe copy.initialize(from: variable, count: name.utf8.count)
        unsafe copy[name.utf8.count] = 0
        unsafe pidPlaces[pidPlaceCount] = copy + name.utf8.count
        pidPlaceCount += 1
        unsafe named.append(copy)
        unsafe all.append(copy)
      } else {
        unsafe all.append(variable)
      }
    }
    unsafe pointers = .allocate(capacity: all.count + changes.count + 1)
    for index in unsafe all.indices { unsafe pointers[index] = all[index] }
    for index in changes.indices {
      unsafe pointers[all.count + index] = changed.pointers[index]
    }
    unsafe pointers[all.count + changes.count] = nil
    self.changes = changed
    unsafe self.named = named
  }

  deinit {
    unsafe pointers.deallocate()
    unsafe pidPlaces.deallocate()
    unsafe named.forEach { unsafe $0.deallocate() }
  }

  private static func begins(_ variable: UnsafeMutablePointer<CChar>, with name: String) -> Bool {
    unsafe strncmp(variable, name, name.utf8.count) == 0
  }

  private static func namesThisProcess(_ name: String) -> Bool {
    unsafe getenv(name).map(isOwnPID) ?? false
  }

  private static func isOwnPID(_ text: UnsafeMutablePointer<CChar>) -> Bool {
    unsafe strcmp(text, String(getpid())) == 0
  }
}
