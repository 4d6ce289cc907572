package import ArgumentParser
package import Events
package import Settings

/// A selection of ended instances; a filter that is nil or empty leaves them all in.
package struct HistoryFilter: Equatable, Sendable {
  package var states: Set<InstanceState> = []
  /// Their reason has this in it, in any case.
  package var reason: String?
  /// Created then or later.
  package var since: WallTime?
  /// Created before then.
  package var until: WallTime?
  /// They ran for longer; microseconds.
  package var longerThan: Int64?

  package init() {}
}

/// Options of commands about ended instances.
package struct HistoryOptions: ParsableArguments {
  @Flag(name: [.customShort("T"), .long], help: "Only what was created today.")
  package var today = false

  @Flag(name: [.customShort("Y"), .long], help: "Only what was created yesterday.")
  package var yesterday = false

  @Option(
    name: [.customShort("S"), .long], parsing: .unconditional,
    help: ArgumentHelp(
      "Only what was created then or later: 2026-11-22, 14:30, monday, 2h, \"1 day ago\".",
      valueName: "time"))
  package var since: String?

  @Option(
    name: [.customShort("U"), .long], parsing: .unconditional,
    help: ArgumentHelp("Only what was created before then.", valueName: "time"))
  package var until: String?

  @Option(
    name: .customLong("state"),
    help: ArgumentHelp(
      "Only what ended so: completed, failed, ...; several with commas, or repeated.",
      valueName: "state"),
    completion: .endStates)
  package var stateLists: [String] = []

  @Flag(help: "Only failures: failed, start_failed, error, lost, interrupted.")
  package var failed = false

  @Option(
    help: ArgumentHelp("Only where the reason has this in it, in any case.", valueName: "text"))
  package var reason: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Only what ran for longer: 90s, 1h30m.", valueName: "time"))
  package var longer: String?

  package init() {}

  package func validate() throws {
    for name in stateNames where InstanceState(name: name)?.isTerminal != true {
      let known = InstanceState.allCases.filter(\.isTerminal).map { $0.rawValue.lowercased() }
      let fault =
        InstanceState(name: name) == nil ? "there is no such state" : "what is in it has not ended"
      throw ValidationError(
        "--state \(name): \(fault); the states are: \(known.joined(separator: " "))")
    }
  }

  package func filter(now: WallTime) throws(SettingError) -> HistoryFilter {
    var filter = HistoryFilter()
    filter.states = Set(stateNames.compactMap { InstanceState(name: $0) })
    if failed { filter.states.formUnion(InstanceState.allCases.filter { $0.group == .failure }) }
    filter.reason = reason
    let days = try days(now: now)
    filter.since = [days.since, try OptionValue.time(since, "--since", now: now)].compactMap { $0 }
      .max()
    filter.until = [days.until, try OptionValue.time(until, "--until", now: now)].compactMap { $0 }
      .min()
    filter.longerThan = try OptionValue.duration(longer, "--longer")
    return filter
  }

  private var stateNames: [String] {
    stateLists.flatMap { list in
      list.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
  }

  /// With -T and -Y both days are meant.
  private func days(now: WallTime) throws(SettingError) -> (since: WallTime?, until: WallTime?) {
    let midnight = try TimeText.time("today", now: now)
    guard yesterday else { return (today ? midnight : nil, nil) }
    return (try TimeText.time("yesterday", now: now), today ? nil : midnight)
  }
}
