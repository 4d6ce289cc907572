internal import ArgumentParser
internal import CommandLineKit
internal import Documents
internal import Events
internal import Fleet
internal import Presentation
internal import Settings

struct Release: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "release",
    abstract: "Release the instances on the hosts that wait for a latch.",
    discussion: """
        taroc release -g web disk-mounted
        taroc release -g web --hold-open disk-mounted

      0 released, or held open; 1 nobody waits for it, or not all hosts have answered.
      """)

  @Argument(help: ArgumentHelp("The latches.", valueName: "latch"))
  var latches: [String]

  @Flag(
    name: .customLong("hold-open"),
    help: "Let whoever comes later pass too, until the latch is released without this.")
  var holdsOpen = false

  @Option(help: "Why, for the record.")
  var reason: String?

  @OptionGroup var options: RequestOptions

  func validate() throws {
    guard latches.contains("") else { return }
    throw ValidationError("A latch has a name: the one given to exec --pending.")
  }

  func run() throws {
    let targets = try options.fleet.targets()
    let live = try FleetInstances(targets, [])
    let waiting = live.found.filter { row in
      row.document.waiting?.latch.map(latches.contains) ?? false
    }
    let hosts = holdsOpen ? Array(targets.hosts.indices) : Set(waiting.map(\.host)).sorted()
    guard !hosts.isEmpty else {
      try live.report.end()
      let names = latches.map(PrintableText.escaped).joined(separator: ", ")
      throw Failure("nobody waits for \(names); taroc ps shows who waits for what")
    }
    let making = FleetRequest(
      targets: targets, palette: options.color.palette, isForced: options.force)
    let names = latches.joined(separator: ", ")
    let plan = holdsOpen ? Plan.text(targets, "hold open \(names)") : making.table(waiting)
    try making.confirm(plan, holdsOpen ? "hold them open" : "let them go on")
    let asking = Asking.release(latches, holdsOpen: holdsOpen, reason: reason)
    try making.make(hosts.map { ($0, asking) }, after: live.report)
  }
}

/// Tells what would be done, a line a host.
enum Plan {
  static func text(_ targets: FleetOptions.Targets, _ what: String) -> PrintableText {
    targets.hosts.reduce("") { $0 + "\($1.name): \(what)\n" }
  }
}

struct Disable: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "disable",
    abstract: "Keep jobs from running on the hosts.",
    discussion: """
        taroc disable -g web backup --until 2h --reason "the tape is full"
      """)

  @Argument(help: ArgumentHelp("Job ids, or globs that match them.", valueName: "pattern"))
  var patterns: [String]

  @Option(
    help: ArgumentHelp(
      "Until then only: a time to come, or so long from now (2h, tomorrow).", valueName: "time"))
  var until: String?

  @Option(help: ArgumentHelp("Why, for whoever wonders.", valueName: "text"))
  var reason: String?

  @OptionGroup var options: RequestOptions

  func validate() throws { try JobPatterns.check(patterns) }

  func run() throws {
    let until = try OptionValue.future(until, "--until", now: .now)
    let targets = try options.fleet.targets()
    let making = FleetRequest(
      targets: targets, palette: options.color.palette, isForced: options.force)
    try making.confirm(
      Plan.text(targets, "disable \(patterns.joined(separator: ", "))"), "keep them from running")
    let asking = Asking.disable(patterns, until: until, reason: reason)
    try making.make(targets.hosts.indices.map { ($0, asking) })
  }
}

struct Enable: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "enable",
    abstract: "Let disabled jobs on the hosts run again.",
    discussion: """
        taroc enable -g web backup

      0 taken back, 1 none of them was disabled on a host, or another pattern still disables one.
      """)

  @Argument(help: ArgumentHelp("Patterns, as they were given to disable.", valueName: "pattern"))
  var patterns: [String]

  @OptionGroup var options: RequestOptions

  func validate() throws { try JobPatterns.check(patterns) }

  func run() throws {
    let targets = try options.fleet.targets()
    let making = FleetRequest(
      targets: targets, palette: options.color.palette, isForced: options.force)
    try making.confirm(
      Plan.text(targets, "enable \(patterns.joined(separator: ", "))"), "let them run again")
    let asking = Asking.enable(patterns)
    try making.make(targets.hosts.indices.map { ($0, asking) })
  }
}

enum JobPatterns {
  static func check(_ patterns: [String]) throws {
    guard !patterns.contains("") else {
      throw ValidationError("A PATTERN is empty: name a job, or a glob that matches its id.")
    }
  }
}
