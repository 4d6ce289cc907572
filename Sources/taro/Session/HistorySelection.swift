internal import CommandLineKit
internal import Events
internal import Projections

extension InstanceQuery {
  /// Selects ended instances; order and limit are the caller's.
  init(_ patterns: [Pattern], _ filter: HistoryFilter) {
    self.init(.ended, patterns)
    states = filter.states
    reason = filter.reason
    since = filter.since
    until = filter.until
    longerThan = filter.longerThan
    (user, executionGroup) = (filter.user, filter.executionGroup)
    exitCodes = filter.exitCodes
    parameters = filter.params.map { param in
      let parts = param.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return Parameter(name: String(parts[0]), value: parts.dropFirst().joined())
    }
  }
}
