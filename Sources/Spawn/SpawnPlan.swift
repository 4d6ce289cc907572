internal import CLinux
internal import Glibc
internal import Linux

/// The memory that one launch gives to its child, as C wants it.
struct SpawnPlan: ~Copyable {
  /// The reason why a child does not execute what it should.
  enum Failure: Error {
    case executing(Errno)
    case directory(Errno)
    case terminal(Errno)
    /// Something of ours.
    case preparing(Errno)
    /// There is no process to execute it.
    case forking(Errno)
  }

  private let launch: Launch
  private let environment: EnvironmentVector
  private let mask: SignalSet
  /// The error that kept the last child from its niceness.
  private(set) var nicenessRefusal: Errno?

  init(_ launch: Launch) {
    self.launch = launch
    environment = EnvironmentVector(
      changes: launch.variables + launch.spareVariables, removed: launch.removedVariables,
      namesChild: launch.standsForCaller)
    mask =
      launch.signalMask
      ?? SignalSet.blockedHere.subtracting(SignalSet(launch.unblockedSignals))
  }

  /// Returns the pid of the child, which executes `path` by then.
  mutating func spawn(_ path: [UInt8], _ arguments: [[UInt8]]) throws(Failure) -> Int32 {
    let file = CStringArray([path])
    let argv = CStringArray(arguments)
    let directory = CStringArray([launch.attributes.directory ?? []])
    let ownTerminal = CStringArray([launch.ownTerminal.map { Array($0.utf8) } ?? []])
    var plan = unsafe clinux_spawn()
    unsafe plan.path = UnsafePointer(file.first)
    unsafe plan.arguments = UnsafePointer(argv.pointers)
    unsafe plan.environment = UnsafePointer(environment.pointers)
    unsafe plan.pid_places = UnsafePointer(environment.pidPlaces)
    unsafe plan.pid_place_count = Int32(environment.pidPlaceCount)
    if launch.attributes.directory != nil {
      unsafe plan.directory = UnsafePointer(directory.first)
    }
    if launch.ownTerminal != nil {
      unsafe plan.own_terminal = UnsafePointer(ownTerminal.first)
    }
    unsafe plan.mask = mask.bits
    unsafe plan.defaults = SignalSet(launch.defaultSignals).bits
    unsafe plan.streams = (launch.stdin ?? -1, launch.stdout ?? -1, launch.stderr ?? -1)
    unsafe plan.terminal = launch.terminal ?? -1
    unsafe plan.umask = launch.attributes.umask.map { Int32(truncatingIfNeeded: $0) } ?? -1
    if let niceness = launch.attributes.niceness {
      unsafe plan.niceness = niceness
      unsafe plan.sets_niceness = 1
    }
    unsafe plan.shares_group = launch.sharesProcessGroup ? 1 : 0
    unsafe plan.closes_others = launch.closesOthers ? 1 : 0
    unsafe plan.dies_with_parent = launch.diesWithParent ? 1 : 0
    let (pid, error) = OwnChildren.add { unsafe clinux_spawn(&plan, &$0) }
    // What the plan points to lives until here.
    withExtendedLifetime(file) {}
    withExtendedLifetime(argv) {}
    withExtendedLifetime(directory) {}
    withExtendedLifetime(ownTerminal) {}
    nicenessRefusal = unsafe plan.niceness_error == 0 ? nil : Errno(plan.niceness_error)
    guard error != 0 else { return pid }
    switch unsafe plan.step {
    case clinux_spawn_in_directory: throw .directory(Errno(error))
    case clinux_spawn_on_terminal: throw .terminal(Errno(error))
    case clinux_spawn_preparing: throw .preparing(Errno(error))
    case clinux_spawn_forking: throw .forking(Errno(error))
    default: throw .executing(Errno(error))
    }
  }
}

/// Byte strings as C wants them: each ended by a NUL, the list by a null pointer.
@safe struct CStringArray: ~Copyable {
  private let bytes: UnsafeMutablePointer<CChar>
  let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

  /// The first string.
  var first: UnsafeMutablePointer<CChar> { unsafe bytes }

  init(_ strings: [[UInt8]]) {
    unsafe bytes = .allocate(capacity: strings.reduce(1) { $0 + $1.count + 1 })
    unsafe pointers = .allocate(capacity: strings.count + 1)
    var end = unsafe bytes
    for (index, string) in strings.enumerated() {
      unsafe pointers[index] = end
      unsafe string.withUnsafeBytes {
        unsafe UnsafeMutableRawBufferPointer(start: end, count: $0.count).copyMemory(from: $0)
      }
      unsafe end += string.count
      unsafe end.initialize(to: 0)
      unsafe end += 1
    }
    unsafe pointers[strings.count] = nil
  }

  deinit {
    unsafe bytes.deallocate()
    unsafe pointers.deallocate()
  }
}
