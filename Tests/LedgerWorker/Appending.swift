internal import Events
import Glibc
import Ledger
import Linux

extension LedgerWorker {
  static func event(
    _ instance: InstanceID, _ kind: EventKind = .state(.created), _ data: JSON = .object([])
  ) -> NewEvent {
    NewEvent(
      at: .now, mono: .now, job: "worker",
      instance: instance, kind: kind, data: data)
  }

  /// Creates instances, each in a turn of its own.
  static func append(_ directory: LedgerDirectory, count: Int, mode: String) throws {
    try readyAndWait()
    let writer = try LedgerWriter(directory, queueMilliseconds: 60_000)
    for _ in 0..<count {
      let instance = InstanceID(createdAt: WallTime.now)
      try writer.turn(durable: mode == "durable") { turn throws(LedgerError) in
        try turn.append(event(instance))
      }
    }
  }

  /// Whole runs of three events, each in one durable turn; says the id of each one that was acknowledged.
  static func appendForEver(_ directory: LedgerDirectory) throws {
    let writer = try LedgerWriter(directory, queueMilliseconds: 60_000)
    while true {
      let instance = InstanceID(createdAt: WallTime.now)
      try writer.turn(durable: true) { turn throws(LedgerError) in
        try turn.append(event(instance))
        try turn.append(event(instance, .state(.running)))
        try turn.append(event(instance, .state(.completed)))
      }
      try say(instance)
    }
  }

  static func turns(_ directory: LedgerDirectory, durable: Int, lazy: Int) throws {
    let writer = try LedgerWriter(directory)
    for index in 0..<(durable + lazy) {
      let instance = InstanceID(createdAt: WallTime.now)
      try writer.turn(durable: index < durable) { turn throws(LedgerError) in
        try turn.append(event(instance))
      }
    }
  }

  /// The same event twice at one position, first not durable.
  static func repeated(_ directory: LedgerDirectory) throws {
    let writer = try LedgerWriter(directory)
    let event = event(InstanceID(createdAt: WallTime.now))
    for durable in [false, true] {
      try writer.turn(durable: durable) { turn throws(LedgerError) in
        try turn.append(event, .expected(1))
      }
    }
  }

  /// One event, at the same position each time it is told to; says whether it is on disk.
  static func retry(_ directory: LedgerDirectory) throws {
    let writer = try LedgerWriter(directory)
    let event = event(InstanceID(createdAt: WallTime.now))
    repeat {
      do throws(LedgerError) {
        try writer.turn(durable: true) { turn throws(LedgerError) in
          try turn.append(event, .expected(1))
        }
        try? say("acknowledged")
      } catch { try? say("failed") }
    } while readLine() != nil
  }

  static func create(_ directory: LedgerDirectory) throws {
    try readyAndWait()
    try say(try LedgerWriter(directory).reader.ledgerID)
  }

  static func holdQueue(_ directory: LedgerDirectory) throws {
    let file = try Descriptor.open("\(directory.path)/ledger.lock", O_RDWR)
    guard FileLock.acquire(file.fd, milliseconds: 10_000) == .locked else { throw Usage() }
    try say("held")
    waitForEnd()
    FileLock.release(file.fd)
  }

  /// Makes every file that there is while that umask is set.
  static func makeAll(_ directory: LedgerDirectory, umask mask: Int) throws {
    umask(mode_t(mask))
    let instance = InstanceID(createdAt: WallTime.now)
    let writer = try LedgerWriter(directory)
    let file = try RunFile(instance, in: directory)
    try writer.turn(durable: true) { turn throws(LedgerError) in
      try turn.append(event(instance))
    }
    try say("made")
    waitForEnd()
    file.remove()
  }
}
