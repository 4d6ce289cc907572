internal import ArgumentParser
internal import Events
internal import Linux
internal import Projections
internal import Settings

/// Which of the ended instances a command is about.
struct HistoryOptions: ParsableArguments {
  @Argument(help: ArgumentHelp("Only instances that match.", valueName: "pattern"))
  var patterns: [Pattern] = []

  @Flag(name: [.customShort("T"), .long], help: "Only what was created today.")
  var today = false

  @Flag(name: [.customShort("Y"), .long], help: "Only what was created yesterday.")
  var yesterday = false

  @Option(
    name: [.customShort("S"), .long],
    help: ArgumentHelp(
      "Only what was created then or later: 2026-11-22, 14:30, \"2h ago\".", valueName: "time"))
  var since: String?

  @Option(
    name: [.customShort("U"), .long],
    help: ArgumentHelp("Only what was created before then.", valueName: "time"))
  var until: String?

  @Option(
    name: .customLong("state"),
    help: ArgumentHelp(
      "Only what ended so: completed, failed, ...; several with commas, or repeated.",
      valueName: "state"),
    completion: .endStates)
  var stateLists: [String] = []

  @Flag(help: "Only failures: failed, start_failed, error, lost, interrupted.")
  var failed = false

  @Option(
    help: ArgumentHelp("Only where the reason has this in it, in any case.", valueName: "text"))
  var reason: String?

  @Option(help: ArgumentHelp("Only what ran for longer: 90s, 1h30m.", valueName: "time"))
  var longer: String?

  func validate() throws {
    for name in stateNames where InstanceState(name: name)?.isTerminal != true {
      let known = InstanceState.allCases.filter(\.isTerminal).map { $0.rawValue.lowercased() }
      let fault =
        InstanceState(name: name) == nil ? "there is no such state" : "what is in it has not ended"
      throw ValidationError(
        "--state \(name): \(fault); the states are: \(known.joined(separator: " "))")
    }
  }

  /// Order and limit are the caller's.
  /// - Parameter now: microseconds since 1970.
  func query(now: Int64 = Clock.wallMicroseconds()) throws(SettingError) -> InstanceQuery {
    var query = InstanceQuery(.ended, patterns)
    query.states = Set(stateNames.compactMap { InstanceState(name: $0) })
    if failed { query.states.formUnion(InstanceState.allCases.filter { $0.group == .failure }) }
    query.reason = reason
    let days = try days(now: now)
    query.since = [days.since, try time(since, "--since", now)].compactMap { $0 }.max()
    query.until = [days.until, try time(until, "--until", now)].compactMap { $0 }.min()
    query.longerThan = try duration(longer, "--longer")
    return query
  }

  private var stateNames: [String] {
    stateLists.flatMap { list in
      list.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
  }

  /// With -T and -Y both days are meant.
  private func days(now: Int64) throws(SettingError) -> (since: Int64?, until: Int64?) {
    let midnight = try TimeText.microseconds("today", now: now)
    guard yesterday else { return (today ? midnight : nil, nil) }
    return (try TimeText.microseconds("yesterday", now: now), today ? nil : midnight)
  }

  private func time(
    _ text: String?, _ option: String, _ now: Int64
  ) throws(SettingError) -> Int64? {
    guard let text else { return nil }
    do throws(SettingError) { return try TimeText.microseconds(text, now: now) } catch {
      throw error.about(option)
    }
  }

  private func duration(_ text: String?, _ option: String) throws(SettingError) -> Int64? {
    guard let text else { return nil }
    do throws(SettingError) { return try DurationText.microseconds(text) } catch {
      throw error.about(option)
    }
  }
}
