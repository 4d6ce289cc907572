internal import Glibc
internal import Linux

/// Appends to a ledger what runs could not append themselves, in order and exactly once: a run that lives keeps its
/// spool locked; what an intake that was killed has appended already is recognised by its content; and the file goes
/// when all of it is on disk.
package enum SpoolIntake {
  package struct Outcome: Equatable, Sendable {
    /// Events that were appended.
    package var events = 0
    /// Files that are somebody else's still: a live runner's, or another intake's.
    package var busy = 0
    /// Files with something that no ledger takes any more; they were kept under these names.
    package var refused: [String] = []
  }

  private static let suffix = ".jsonl"
  /// What cannot be appended keeps this behind its name, and is left alone.
  private static let refusedSuffix = ".refused"
  /// Events in one turn of the queue, so that other writers wait for milliseconds.
  private static let eventsPerTurn = 100
  private static let outputsPerTurn = 8

  /// Whether there is anything for this ledger. Three system calls for each place where there is nothing.
  package static func isWaiting(_ directory: LedgerDirectory) -> Bool {
    SpoolPlaces(directory).all.contains { place in place.names.contains { $0.hasSuffix(suffix) } }
  }

  /// The names of the files that no ledger takes any more.
  package static func refused(_ directory: LedgerDirectory) -> [String] {
    SpoolPlaces(directory).all.flatMap { place in
      place.names.filter { $0.hasSuffix(refusedSuffix) }.map { "\(place.path)/\($0)" }
    }
  }

  /// Takes in what waits. Durable.
  /// - Parameters:
  ///   - only: this instance's alone.
  ///   - deadline: in microseconds since boot; after it no further batch is begun.
  @discardableResult
  package static func run(
    _ writer: LedgerWriter, only instance: InstanceID? = nil, until deadline: Int64 = .max
  ) throws(LedgerError) -> Outcome {
    var outcome = Outcome()
    for place in SpoolPlaces(writer.directory).all {
      for name in place.names where isWanted(name, instance) {
        guard Clock.bootMicroseconds() < deadline else { return outcome }
        try take("\(place.path)/\(name)", writer, until: deadline, &outcome)
      }
    }
    return outcome
  }

  private static func isWanted(_ name: String, _ instance: InstanceID?) -> Bool {
    guard let instance else { return name.hasSuffix(suffix) || isAbandoned(name) }
    return name == "\(instance)\(suffix)"
  }

  /// One that had no events yet, of a runner that was killed, where files cannot be nameless.
  private static func isAbandoned(_ name: String) -> Bool {
    name.hasPrefix(".") && InstanceID(String(name.dropFirst())) != nil
  }

  private static func take(
    _ path: String, _ writer: LedgerWriter, until deadline: Int64, _ outcome: inout Outcome
  ) throws(LedgerError) {
    // Gone: another has just taken it in. What cannot be read keeps nobody from the others.
    guard let file = try? Descriptor.open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK),
      ByteLock.tryAcquire(file.fd, byte: 0, .exclusive), isAtItsName(file.fd, path),
      let bytes = try? RawIO.readAll(file.fd, limit: .max)
    else {
      outcome.busy += 1
      return
    }
    let contents = SpoolContents(bytes)
    switch try append(contents, writer, until: deadline, &outcome) {
    case .unfinished: outcome.busy += 1
    case .appended where contents.damagedLines == 0: unlink(path)
    case .appended, .refused:
      if rename(path, path + refusedSuffix) == 0 { outcome.refused.append(path + refusedSuffix) }
    }
  }

  /// False when its runner has begun another one there meanwhile.
  private static func isAtItsName(_ fd: Int32, _ path: String) -> Bool {
    var (opened, named) = (stat(), stat())
    return fstat(fd, &opened) == 0 && lstat(path, &named) == 0
      && opened.st_ino == named.st_ino && opened.st_dev == named.st_dev
  }

  private enum Ending {
    case appended
    /// The ledger has something else in their place.
    case refused
    /// The time was over: what was appended is known again by the next.
    case unfinished
  }

  private static func append(
    _ contents: SpoolContents, _ writer: LedgerWriter, until deadline: Int64,
    _ outcome: inout Outcome
  ) throws(LedgerError) -> Ending {
    guard let header = contents.header else { return .appended }
    var rest = contents.events[...]
    var n = header.n
    var replacements = 0
    while !rest.isEmpty {
      guard Clock.bootMicroseconds() < deadline else { return .unfinished }
      let batch = rest.prefix(batchSize(rest))
      do throws(LedgerError) {
        outcome.events += try append(batch, header, after: &n, writer)
      } catch {
        switch error {
        case .ended, .conflict: return .refused
        case .replaced where replacements < 2:
          replacements += 1
          n = 0
          continue
        default: throw error
        }
      }
      rest = rest.dropFirst(batch.count)
    }
    return .appended
  }

  private static func batchSize(_ events: ArraySlice<NewEvent>) -> Int {
    var outputs = 0
    for (index, event) in events.prefix(eventsPerTurn).enumerated() where event.output != nil {
      outputs += 1
      if outputs == outputsPerTurn { return index + 1 }
    }
    return min(events.count, eventsPerTurn)
  }

  /// - Parameter n: of the instance, up to which it is known what stands there.
  private static func append(
    _ batch: ArraySlice<NewEvent>, _ header: SpoolLine.Header, after n: inout Int64,
    _ writer: LedgerWriter
  ) throws(LedgerError) -> Int {
    let start = n
    var last = n
    let count = try writer.turn(durable: true) { turn throws(LedgerError) in
      var events = Array(batch)
      // The ledger it began in is gone: the run begins once more in this one.
      if try writer.reader.lastEvent(of: header.instance) == nil,
        events.first?.kind != .state(.created)
      {
        events = header.opening.filter { !events.contains(where: $0.tellsTheSame) } + events
      }
      let present = try writer.reader.events(of: header.instance, after: start, withOutput: true)
      var known = present[...]
      var count = 0
      for event in events {
        // In order, too: what was appended of them stands there in the same order.
        if let index = known.firstIndex(where: { $0.isSame(as: event) }) {
          last = known[index].n ?? last
          known = known[(index + 1)...]
          continue
        }
        try turn.append(event, .next)
        count += 1
      }
      if count > 0 { last = try writer.reader.lastEvent(of: header.instance)?.n ?? last }
      return count
    }
    n = last
    return count
  }
}
