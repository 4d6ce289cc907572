package import ArgumentParser
package import Events
package import Settings

/// A selection of ended instances; a filter that is nil or empty leaves them all in.
package struct HistoryFilter: Equatable, Sendable {
  package var states: Set<InstanceState> = []
  /// Something that is said of their end has this in it, in any case.
  package var reason: String?
  /// Created then or later.
  package var since: WallTime?
  /// Created before then.
  package var until: WallTime?
  /// They ran for longer; microseconds.
  package var longerThan: Int64?
  /// They were given all of these, each `name=value`.
  package var params: [String] = []
  package var user: String?
  package var executionGroup: String?
  package var exitCodes: Set<Int64> = []

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
    help: ArgumentHelp(
      "Only where RESULT has this in it, in any case; of runs that completed, where the reason has.",
      valueName: "text"))
  package var reason: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Only what ran for longer: 90s, 1h30m.", valueName: "time"))
  package var longer: String?

  @Option(
    name: .customLong("param"),
    help: ArgumentHelp(
      "Only what was given this parameter; may be repeated, then all of them.", valueName: "k=v"))
  package var params: [String] = []

  @Option(help: ArgumentHelp("Only what ran as this user.", valueName: "name"))
  package var user: String?

  @Option(
    name: .customLong("execution-group"),
    help: ArgumentHelp("Only what counted for this execution group.", valueName: "group"))
  package var executionGroup: String?

  @Option(
    name: .customLong("exit-code"),
    help: ArgumentHelp(
      "Only what ended with it; several with commas, or repeated.", valueName: "code"))
  package var exitCodeLists: [String] = []

  package init() {}

  package func validate() throws {
    for param in params where !param.contains("=") || param.hasPrefix("=") {
      throw ValidationError("--param \(param): a parameter is given as NAME=value.")
    }
    for code in exitCodeTexts where UInt8(code) == nil {
      throw ValidationError("--exit-code \(code): an exit code from 0 to 255 is wanted.")
    }
    for name in stateNames where StateWords.states(name)?.allSatisfy(\.isTerminal) != true {
      let known = InstanceState.allCases.filter(\.isTerminal).map { $0.rawValue.lowercased() }
      let fault =
        StateWords.states(name) == nil ? "there is no such state" : "what is in it has not ended"
      throw ValidationError(
        "--state \(name): \(fault); the states are: \(known.joined(separator: " "))")
    }
  }

  package func filter(now: WallTime) throws(SettingError) -> HistoryFilter {
    var filter = HistoryFilter()
    filter.states = Set(stateNames.flatMap { StateWords.states($0) ?? [] })
    if failed { filter.states.formUnion(InstanceState.allCases.filter { $0.group == .failure }) }
    filter.reason = reason
    (filter.params, filter.user, filter.executionGroup) = (params, user, executionGroup)
    filter.exitCodes = Set(exitCodeTexts.compactMap { UInt8($0).map { Int64($0) } })
    let days = try days(now: now)
    filter.since = [days.since, try OptionValue.time(since, "--since", now: now)].compactMap { $0 }
      .max()
    filter.until = [days.until, try OptionValue.time(until, "--until", now: now)].compactMap { $0 }
      .min()
    filter.longerThan = try OptionValue.duration(longer, "--longer")
    return filter
  }

  private var stateNames: [String] { Self.words(stateLists) }
  private var exitCodeTexts: [String] { Self.words(exitCodeLists) }

  private static func words(_ lists: [String]) -> [String] {
    lists.flatMap { list in
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
