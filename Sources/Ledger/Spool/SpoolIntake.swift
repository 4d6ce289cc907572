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
    /// Files with something that the ledger did not take.
    package var refused: [Refusal] = []

    /// Each intake comes further, however short its time is.
    fileprivate func hasTime(until deadline: Int64) -> Bool {
      events == 0 || Clock.bootMicroseconds() < deadline
    }
  }

  /// A file that is kept, because not all of it is in the ledger.
  package struct Refusal: Equatable, Sendable, CustomStringConvertible {
    package enum Cause: Sendable {
      /// The run has a terminal event in the ledger, and nothing follows that.
      case ended
      case misfit
      case damaged
    }

    package let path: String
    package let cause: Cause

    package var description: String {
      let reason =
        switch cause {
        case .ended: "its run has been closed there"
        case .misfit: "some of its events cannot follow those that are there"
        case .damaged: "some of its lines are damaged"
        }
      return "\(path) keeps what could not be taken into the ledger: \(reason)"
    }
  }

  private static let suffix = ".jsonl"
  /// What cannot be appended keeps this behind its name, and is left alone.
  private static let refusedSuffix = ".refused"

  private static func places(_ directory: LedgerDirectory) -> [SpoolPlaces.Place] {
    let places = SpoolPlaces(directory)
    return places.all + places.former
  }

  /// Whether there is anything for this ledger. Three system calls for each place where there is nothing.
  package static func isWaiting(_ directory: LedgerDirectory) -> Bool {
    places(directory).contains { place in place.names.contains { $0.hasSuffix(suffix) } }
  }

  /// The files of which not all is in the ledger, nor ever will be.
  package static func refused(_ directory: LedgerDirectory) -> [String] {
    places(directory).flatMap { place in
      place.names.filter { $0.hasSuffix(refusedSuffix) }.map { "\(place.path)/\($0)" }
    }
  }

  /// Takes in what waits. Durable.
  /// - Parameters:
  ///   - only: this instance's alone.
  ///   - deadline: in microseconds since boot; after it no further batch is appended, but the first of all is.
  @discardableResult
  package static func run(
    _ writer: LedgerWriter, only instance: InstanceID? = nil, until deadline: Int64 = .max
  ) throws(LedgerError) -> Outcome {
    var outcome = Outcome()
    for place in places(writer.directory) {
      for name in place.names where isWanted(name, instance) {
        guard outcome.hasTime(until: deadline) else { return outcome }
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
    // Gone: another has just taken it in.
    guard let file = try? Descriptor.open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK),
      ByteLock.tryAcquire(file.fd, byte: 0, .exclusive), isAtItsName(file.fd, path)
    else {
      outcome.busy += 1
      return
    }
    switch try append(file.fd, writer, until: deadline, &outcome) {
    case .unfinished: outcome.busy += 1
    case .appended: unlink(path)
    case .refused(let cause):
      let kept = path + refusedSuffix
      if rename(path, kept) == 0 { outcome.refused.append(Refusal(path: kept, cause: cause)) }
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
    case refused(Refusal.Cause)
    /// The time was over, or it cannot be read: what was appended is known again by the next.
    case unfinished
  }

  private static func append(
    _ fd: Int32, _ writer: LedgerWriter, until deadline: Int64, _ outcome: inout Outcome
  ) throws(LedgerError) -> Ending {
    var contents = SpoolContents()
    let header: SpoolLine.Header?
    // What cannot be read keeps nobody from the others.
    do throws(SystemCallError) { header = try contents.readHeader(fd) } catch { return .unfinished }
    guard let header else { return contents.damagedLines == 0 ? .appended : .refused(.damaged) }
    var transfer = try SpoolTransfer(header, to: writer)
    var replacements = 0
    while true {
      guard let batch = try? contents.nextBatch(fd, where: { !transfer.passes($0) }) else {
        return .unfinished
      }
      guard !batch.isEmpty else { break }
      guard outcome.hasTime(until: deadline) else { return .unfinished }
      do throws(LedgerError) { outcome.events += try transfer.append(batch) } catch {
        switch error {
        case .conflict: return .refused(.misfit)
        case .replaced where replacements < 2:
          replacements += 1
          contents = SpoolContents()
          transfer = try SpoolTransfer(header, to: writer)
        default: throw error
        }
      }
    }
    return (transfer.refusal ?? (contents.damagedLines > 0 ? .damaged : nil))
      .map { .refused($0) } ?? .appended
  }
}
