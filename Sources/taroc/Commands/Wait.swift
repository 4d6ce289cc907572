internal import ArgumentParser
internal import CommandLineKit
internal import Events
internal import Fleet
internal import Linux
internal import Presentation

struct Wait: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "wait",
    abstract: "Wait until something reaches a state on the hosts.",
    discussion: """
      Prints a line for each change that counts, and ends after the first, or the N-th of all hosts; with --each-host after \
      so many on each.

        taroc wait -g web backup -s completed -c 2
        taroc wait -g web backup -s completed --each-host -t 10m

      0 reached, 1 it cannot happen any more, or a host does not answer that would have to, 124 timed out.
      """)

  @Argument(
    help: ArgumentHelp(
      "Only instances that match. A first one that is a state's name means that state.",
      valueName: "pattern"))
  var patterns: [String] = []

  @Option(
    name: .shortAndLong, parsing: .upToNextOption,
    help: ArgumentHelp("These states; by default any change.", valueName: "state"),
    completion: .states)
  var states: [String] = []

  @Option(
    name: .shortAndLong, parsing: .unconditional,
    help: ArgumentHelp("Until it has happened so often.", valueName: "n"))
  var count = 1

  @Flag(name: .customLong("each-host"), help: "Until it has happened so often on each host.")
  var onEachHost = false

  @Flag(name: .customLong("past"), help: "An instance that is in the state already counts.")
  var countsPast = false

  @OptionGroup(title: "Hosts") var fleet: FleetOptions
  @OptionGroup var color: ColorOption

  func validate() throws {
    if count < 1 { throw ValidationError("-c \(count): has to be 1 or more.") }
    for name in states where InstanceState(name: name) == nil {
      let known = InstanceState.allCases.map { $0.rawValue.lowercased() }.joined(separator: " ")
      throw ValidationError("-s \(name): there is no such state; the states are: \(known)")
    }
  }

  func run() throws {
    let limit = try OptionValue.duration(fleet.selected.timeout, "--timeout")
    let deadline = limit.map { MonotonicTime.now + $0 }
    var targets = try fleet.targets()
    targets.settings.timeout = nil
    targets.settings.parallel = max(targets.settings.parallel, targets.hosts.count)
    let printer = HostPrinter(targets.hosts, color.palette, alwaysNames: true)
    let report = FleetReport(targets.hosts)
    let asking = Asking.wait(
      patterns, states: states, count: onEachHost ? count : nil, countsPast: countsPast)
    let fan = FanOut(targets.hosts, targets.settings) { _ in asking }
    var counted = 0
    var reached = 0
    var isTimedOut = false
    fan.wakeAt = { deadline }
    fan.woken = {
      printer.output.flush()
      guard let deadline, MonotonicTime.now >= deadline else { return }
      isTimedOut = true
      fan.end()
    }
    try fan.run { host, happening in
      switch happening {
      case .line(let line):
        guard onEachHost || counted < count else { return }
        counted += 1
        printer.write("\(String(decoding: line, as: UTF8.self))\n", of: host)
        if !onEachHost, counted == count { fan.end() }
      case .ended(let outcome, let errors, let more):
        if outcome == .answered(exitCode: 0) { reached += 1 }
        report.take(host, outcome, errors: errors, more: more)
      case .begun, .bytes: break
      }
    }
    printer.output.flush()
    if onEachHost ? reached == targets.hosts.count : counted >= count { return }
    if isTimedOut {
      throw Failure("timed out after \(fleet.selected.timeout ?? "")", code: Failure.timedOutCode)
    }
    throw ExitCode(1)
  }
}
