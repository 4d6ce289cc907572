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
  ///   - deadline: in microseconds since boot; after it no further file is begun.
  @discardableResult
  package static func run(
    _ writer: LedgerWriter, only instance: InstanceID? = nil, until deadline: Int64 = .max
  ) throws(LedgerError) -> Outcome {
    var outcome = Outcome()
    for place in SpoolPlaces(writer.directory).all {
      for name in place.names where isWanted(name, instance) {
        guard Clock.bootMicroseconds() < deadline else { return outcome }
        try take("\(place.path)/\(name)", writer, &outcome)
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
    _ path: String, _ writer: LedgerWriter, _ outcome: inout Outcome
  ) throws(LedgerError) {
    let file: Descriptor
    do throws(SystemCallError) { file = try Descriptor.open(path, O_RDWR) } catch {
      // Another has just taken it in.
      if error.errno == .noEntry { return }
      throw LedgerError(error, writer.directory.path)
    }
    guard ByteLock.tryAcquire(file.fd, byte: 0, .exclusive) else {
      outcome.busy += 1
      return
    }
    let contents: SpoolContents
    do throws(SystemCallError) {
      contents = SpoolContents(try RawIO.readAll(file.fd, limit: .max))
    } catch { throw LedgerError(error, writer.directory.path) }
    let isWhole = try append(contents, writer, &outcome) && contents.damagedLines == 0
    if isWhole {
      unlink(path)
    } else if rename(path, path + refusedSuffix) == 0 {
      outcome.refused.append(path + refusedSuffix)
    }
  }

  /// False when the ledger has something else in their place.
  private static func append(
    _ contents: SpoolContents, _ writer: LedgerWriter, _ outcome: inout Outcome
  ) throws(LedgerError) -> Bool {
    guard let header = contents.header else { return true }
    var rest = contents.events[...]
    // Without a first batch nothing would be asked about a run of which nothing else is left to say.
    while !rest.isEmpty {
      let batch = rest.prefix(batchSize(rest))
      do throws(LedgerError) {
        outcome.events += try append(batch, header, writer)
      } catch {
        switch error {
        case .ended, .conflict: return false
        case .replaced: continue
        default: throw error
        }
      }
      rest = rest.dropFirst(batch.count)
    }
    return true
  }

  private static func batchSize(_ events: ArraySlice<NewEvent>) -> Int {
    var outputs = 0
    for (index, event) in events.prefix(eventsPerTurn).enumerated() where event.output != nil {
      outputs += 1
      if outputs == outputsPerTurn { return index + 1 }
    }
    return min(events.count, eventsPerTurn)
  }

  private static func append(
    _ batch: ArraySlice<NewEvent>, _ header: SpoolLine.Header, _ writer: LedgerWriter
  ) throws(LedgerError) -> Int {
    try writer.turn(durable: true) { turn throws(LedgerError) in
      var events = Array(batch)
      // The ledger it began in is gone: the run begins once more in this one.
      if try writer.reader.lastEvent(of: header.instance) == nil,
        events.first?.kind != .state(.created)
      {
        events = header.opening + events
      }
      let present = try writer.reader.events(of: header.instance, after: header.n, withOutput: true)
      var known = present[...]
      var count = 0
      for event in events {
        // In order, too: what was appended of them stands there in the same order.
        if let index = known.firstIndex(where: { $0.isSame(as: event) }) {
          known = known[(index + 1)...]
          continue
        }
        try turn.append(event, .next)
        count += 1
      }
      return count
    }
  }
}
