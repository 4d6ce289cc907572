internal import Events
internal import Glibc
internal import Ledger
internal import Linux
internal import Projections
internal import Spawn

/// Sleeps until something has changed that a waiting instance depends on.
///
/// Who waits for a place is woken by the end of as many of those ahead as there are places, the nearest ones: a queue
/// of a thousand wakes one waiter for each place that becomes free.
final class GateSleep {
  /// The wall clock may be set while somebody waits for a time of day.
  static let longest: Int64 = 30_000_000
  /// The interval of looks where an end may pass unnoticed.
  private static let uncertainInterval: Int64 = 1_000_000
  /// Descriptors for those that are waited for; beyond that a look every second has to do.
  private static let watchLimit = 256

  private var watches: [InstanceID: RunWatch] = [:]
  private var timer = BootTimer()
  private var hasUnwatched = false

  /// Watches these and no others.
  /// - Returns: those that cannot be watched.
  func watch(_ instances: [InstanceID], in directory: LedgerDirectory) -> [InstanceID] {
    var wanted: [InstanceID: RunWatch] = [:]
    var unwatched: [InstanceID] = []
    hasUnwatched = instances.count > Self.watchLimit
    for instance in instances.prefix(Self.watchLimit) {
      if let watch = watches[instance] ?? RunWatch(instance, in: directory) {
        wanted[instance] = watch
      } else {
        unwatched.append(instance)
      }
    }
    watches = wanted
    return unwatched
  }

  /// Sleeps until one of those that are watched has ended, an orphan has, somebody rings, a signal comes, or it is time.
  /// - Parameters:
  ///   - orphans: commands of lost runs that are waited for.
  ///   - certainty: of those that cannot be watched.
  /// - Returns: those that are gone.
  func sleep(
    _ wakers: GateDecisions.Wakers, _ orphans: [LeftBehindCommand], _ certainty: Certainty,
    _ handles: RunnerHandles, _ signals: borrowing SignalQueue
  ) -> [InstanceID] {
    let children = orphans.map(OrphanWatch.init)
    var until = wakers.after.map { min($0, Self.longest) }
    let certainties = [certainty, hasUnwatched ? .unknown : .told] + children.map(\.certainty)
    switch certainties.min() ?? .told {
    case .hasEnded: return []
    case .unknown: until = min(until ?? .max, Self.uncertainInterval)
    case .told: break
    }
    var poll = Poll()
    poll.add(signals.fd)
    if let fd = handles.bellFD { poll.add(fd) }
    for watch in watches.values { poll.add(watch.fd, .hangup) }
    for child in children { if let fd = child.fd { poll.add(fd) } }
    let deadline = until.map { BootTime.now + $0 }
    poll.wait(milliseconds: timer.arm(deadline, in: &poll))
    if let fd = handles.bellFD, poll.isReady(fd) { handles.clearRings() }
    let gone = watches.filter { poll.isReady($0.value.fd) }.map(\.key)
    for instance in gone { watches[instance] = nil }
    return gone
  }
}

/// The certainty with which the end of what is waited for will be noticed.
enum Certainty: Comparable {
  /// It has happened already: look at once.
  case hasEnded
  /// One has to look now and then.
  case unknown
  case told
}

/// The watch of a command that was left behind, kept in a list.
private final class OrphanWatch {
  private let watch: ProcessWatch?
  let certainty: Certainty

  init(_ command: LeftBehindCommand) {
    // Its pid here may be another than its runner's.
    guard let pid = command.sight.pid else {
      watch = nil
      certainty = .hasEnded
      return
    }
    do throws(SystemCallError) {
      watch = try ProcessWatch(pid: pid, startTime: command.running.started)
      certainty = Self.isThere(watch) ? .told : .hasEnded
    } catch {
      certainty = .unknown
      watch = nil
    }
  }

  private static func isThere(_ watch: borrowing ProcessWatch?) -> Bool {
    switch watch {
    case .some: true
    case .none: false
    }
  }

  var fd: Int32? {
    switch watch {
    case .some(let watch): watch.fd
    case .none: nil
    }
  }
}
