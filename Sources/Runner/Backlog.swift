internal import Ledger

extension [NewEvent] {
  /// Removes warnings of the same wish. Their counts are totals: of several that have to be kept the newest says it
  /// all, and what is kept is limited.
  mutating func removeWarnings(like event: NewEvent) {
    guard let new = Self.warning(event) else { return }
    removeAll { Self.warning($0)?.isSame(as: new) ?? false }
  }

  private static func warning(_ event: NewEvent) -> Warning? {
    guard event.kind == .warning, let data = try? JSON(parsing: event.data) else { return nil }
    return Warning(data)
  }
}
