internal import Events
internal import Operations

extension LedgerSession? {
  /// The ledger as it was at that moment; as it is, where none is asked for. On a reader's thread.
  func at(_ asked: AskedMoment?) throws -> LedgerSession? {
    guard let asked else { return self }
    guard let self else { throw AskedMoment.Refusal.nothingRecorded }
    return try self.at(asked)
  }
}

extension AskedMoment {
  /// The time that is meant: of what is asked for in words, as `2h ago`, it is always another.
  var time: WallTime? {
    switch self {
    case .position: nil
    case .time(let time): time
    }
  }
}
