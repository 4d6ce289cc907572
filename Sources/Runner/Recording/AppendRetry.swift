internal import Linux

/// The time at which the journal tries again to append what it could not append.
enum AppendRetry {
  /// Nothing is in the way.
  case none
  /// Microseconds since boot.
  case at(Int64)
  /// The ledger cannot even be opened: tried again when the run ends.
  case atEnd

  private static let interval: Int64 = 1_000_000
  /// A job may do nothing that would be recorded meanwhile.
  private static let idleInterval: Int64 = 5_000_000

  /// Something has just failed.
  static func after(opening: Bool) -> AppendRetry {
    opening ? .atEnd : .at(Clock.bootMicroseconds() + interval)
  }

  var isInTrouble: Bool {
    if case .none = self { false } else { true }
  }

  /// It is too early for another try.
  var waits: Bool {
    switch self {
    case .none: false
    case .at(let time): Clock.bootMicroseconds() < time
    case .atEnd: true
    }
  }

  /// The time to try though nothing happens, microseconds of the monotonic clock; nil: not at all.
  var idleDueAt: Int64? {
    guard case .at(let time) = self else { return nil }
    let left = time - Self.interval + Self.idleInterval - Clock.bootMicroseconds()
    return Clock.monotonicMicroseconds() + max(0, left)
  }
}
