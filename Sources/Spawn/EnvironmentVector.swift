internal import CLinux
internal import Glibc

/// The environment of this process with some variables added, or in place of those of the same name. What is
/// not changed is not copied: nothing in this process changes its own.
struct EnvironmentVector: ~Copyable {
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
    var all: [Text] = []
    var named: [Text] = []
    pidPlaces = .allocate(capacity: Self.pidVariables.count)
    let namesSocketsOwner = namesChild && Self.namesThisProcess("LISTEN_PID")
    var next = clinux_environment()
    while let variable = next?.pointee {
      next = next?.successor()
      let isReplaced = names.contains { name in
        name.indices.allSatisfy { variable[$0] == CChar(bitPattern: name[$0]) }
      }
      if isReplaced || (namesSocketsOwner && Self.begins(variable, with: Self.pidfdVariable)) {
        continue
      }
      // One of a name, of which getenv(3) takes the first: there is no place for more.
      if namesChild, pidPlaceCount < Self.pidVariables.count,
        let name = Self.pidVariables.first(where: { Self.begins(variable, with: $0) }),
        Self.isOwnPID(variable + name.utf8.count)
      {
        let copy = Text.allocate(capacity: name.utf8.count + Int(clinux_pid_digits))
        copy.initialize(from: variable, count: name.utf8.count)
        copy[name.utf8.count] = 0
        pidPlaces[pidPlaceCount] = copy + name.utf8.count
        pidPlaceCount += 1
        named.append(copy)
        all.append(copy)
      } else {
        all.append(variable)
      }
    }
    pointers = .allocate(capacity: all.count + changes.count + 1)
    for (index, variable) in all.enumerated() { pointers[index] = variable }
    for index in changes.indices { pointers[all.count + index] = changed.pointers[index] }
    pointers[all.count + changes.count] = nil
    self.changes = changed
    self.named = named
  }

  deinit {
    pointers.deallocate()
    pidPlaces.deallocate()
    for variable in named { variable.deallocate() }
  }

  private static func begins(_ variable: UnsafeMutablePointer<CChar>, with name: String) -> Bool {
    strncmp(variable, name, name.utf8.count) == 0
  }

  private static func namesThisProcess(_ name: String) -> Bool {
    getenv(name).map(isOwnPID) ?? false
  }

  private static func isOwnPID(_ text: UnsafeMutablePointer<CChar>) -> Bool {
    strcmp(text, String(getpid())) == 0
  }
}
