internal import CLinux
internal import Glibc
internal import Linux

/// posix_spawn(3)'s attributes and file actions for one launch. Its functions return their error instead of
/// leaving it in errno.
struct SpawnPlan: ~Copyable {
  private var attributes = posix_spawnattr_t()
  private var actions = posix_spawn_file_actions_t()
  /// Our copy of a descriptor that an earlier action would overwrite.
  private var copy: Descriptor?
  private let environment: EnvironmentVector

  init(_ launch: Launch, terminal: Int32?) throws(Errno) {
    environment = EnvironmentVector(
      changes: launch.variables + launch.spareVariables, removed: launch.removedVariables)
    posix_spawnattr_init(&attributes)
    posix_spawn_file_actions_init(&actions)
    try setAttributes(launch)
    if let path = launch.ownTerminal {
      // The first terminal that the leader of a session opens is its controlling one.
      try check(posix_spawn_file_actions_addopen(&actions, 0, path, O_RDWR, 0))
      try check(posix_spawn_file_actions_adddup2(&actions, 0, 1))
      try check(posix_spawn_file_actions_adddup2(&actions, 0, 2))
    } else {
      try redirect(launch)
      if launch.closesOthers { try check(clinux_spawn_close_from(&actions, 3)) }
    }
    if let terminal { try check(clinux_spawn_give_terminal(&actions, terminal)) }
  }

  deinit {
    // Both own memory through a pointer in the value, so a copy of the value frees it as well.
    var actions = actions
    posix_spawn_file_actions_destroy(&actions)
    var attributes = attributes
    posix_spawnattr_destroy(&attributes)
  }

  private mutating func setAttributes(_ launch: Launch) throws(Errno) {
    try check(posix_spawnattr_setpgroup(&attributes, launch.sharesProcessGroup ? getpgrp() : 0))

    var mask = sigset_t()
    pthread_sigmask(SIG_BLOCK, nil, &mask)
    for signal in launch.unblockedSignals { sigdelset(&mask, signal) }
    try check(posix_spawnattr_setsigmask(&attributes, &mask))

    var defaults = sigset_t()
    sigemptyset(&defaults)
    for signal in launch.defaultSignals { sigaddset(&defaults, signal) }
    try check(posix_spawnattr_setsigdefault(&attributes, &defaults))

    // The leader of a session leads its process group already, and may not be moved to one (setpgid(2)).
    let group = launch.ownTerminal == nil ? Int16(POSIX_SPAWN_SETPGROUP) : clinux_spawn_new_session
    let flags = group | Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)
    try check(posix_spawnattr_setflags(&attributes, flags))
  }

  /// The actions run in order: 1 is made first, so 2 cannot be made from the old 1 any more. Where source
  /// and target are the same, the action takes close-on-exec away (posix_spawn_file_actions_adddup2(3p)).
  private mutating func redirect(_ launch: Launch) throws(Errno) {
    if let stdin = launch.stdin {
      try check(posix_spawn_file_actions_adddup2(&actions, stdin, 0))
    }
    if let stdout = launch.stdout {
      try check(posix_spawn_file_actions_adddup2(&actions, stdout, 1))
    }
    guard var stderr = launch.stderr else { return }
    if stderr == 1, let stdout = launch.stdout, stdout != 1 {
      stderr = clinux_fcntl(1, F_DUPFD_CLOEXEC, 3)
      guard stderr >= 0 else { throw .current }
      copy = Descriptor(owning: stderr)
    }
    try check(posix_spawn_file_actions_adddup2(&actions, stderr, 2))
  }

  /// Returns the pid of the child, which executes `path` by then.
  func spawn(_ path: [UInt8], _ arguments: [[UInt8]]) throws(Errno) -> Int32 {
    let file = CStringArray([path])
    let argv = CStringArray(arguments)
    var pid: pid_t = 0
    let result = withUnsafePointer(to: attributes) { attributes in
      withUnsafePointer(to: actions) { actions in
        posix_spawn(&pid, file.first, actions, attributes, argv.pointers, environment.pointers)
      }
    }
    try check(result)
    return pid
  }

  private func check(_ result: Int32) throws(Errno) {
    guard result == 0 else { throw Errno(result) }
  }
}

/// The environment of this process with some variables added, or in place of those of the same name. What is
/// not changed is not copied: nothing in this process changes its own.
private struct EnvironmentVector: ~Copyable {
  private let changes: CStringArray
  let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

  init(changes: [[UInt8]], removed: [[UInt8]]) {
    // With the equals sign.
    let names = (changes + removed).map {
      $0.prefix { $0 != UInt8(ascii: "=") } + [UInt8(ascii: "=")]
    }
    let changed = CStringArray(changes)
    var all: [UnsafeMutablePointer<CChar>] = []
    var next = clinux_environment()
    while let variable = next?.pointee {
      let isReplaced = names.contains { name in
        name.indices.allSatisfy { variable[$0] == CChar(bitPattern: name[$0]) }
      }
      if !isReplaced { all.append(variable) }
      next = next?.successor()
    }
    pointers = .allocate(capacity: all.count + changes.count + 1)
    for (index, variable) in all.enumerated() { pointers[index] = variable }
    for index in changes.indices { pointers[all.count + index] = changed.pointers[index] }
    pointers[all.count + changes.count] = nil
    self.changes = changed
  }

  deinit { pointers.deallocate() }
}

/// Byte strings as C wants them: each ended by a NUL, the list by a null pointer.
private struct CStringArray: ~Copyable {
  private let bytes: UnsafeMutablePointer<CChar>
  let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

  /// The first string.
  var first: UnsafeMutablePointer<CChar> { bytes }

  init(_ strings: [[UInt8]]) {
    bytes = .allocate(capacity: strings.reduce(1) { $0 + $1.count + 1 })
    pointers = .allocate(capacity: strings.count + 1)
    var end = bytes
    for (index, string) in strings.enumerated() {
      pointers[index] = end
      string.withUnsafeBytes {
        UnsafeMutableRawBufferPointer(start: end, count: $0.count).copyMemory(from: $0)
      }
      end += string.count
      end.initialize(to: 0)
      end += 1
    }
    pointers[strings.count] = nil
  }

  deinit {
    bytes.deallocate()
    pointers.deallocate()
  }
}
