internal import Events

/// The time at which the journal tries again to append what it could not append.
enum AppendRetry {
  /// Nothing is in the way.
  case none
  case at(BootTime)
  /// The ledger cannot even be opened: tried again when the run ends.
  case atEnd

  private static let interval: Int64 = 1_000_000
  /// A job may do nothing that would be recorded meanwhile.
  private static let idleInterval: Int64 = 5_000_000

  /// Something has just failed.
  static func after(opening: Bool) -> AppendRetry {
    opening ? .atEnd : .at(.now + interval)
  }

  var isInTrouble: Bool {
    if case .none = self { false } else { true }
  }

  /// It is too early for another try.
  var waits: Bool {
    switch self {
    case .none: false
    case .at(let time): BootTime.now < time
    case .atEnd: true
    }
  }

  /// The time to try though nothing happens; nil: not at all.
  var idleDueAt: MonotonicTime? {
    guard case .at(let time) = self else { return nil }
    let left = time + (Self.idleInterval - Self.interval) - BootTime.now
    return .now + max(0, left)
  }
}
