internal import ArgumentParser
internal import CommandLineKit
internal import Fleet

struct Output: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "output",
    abstract: "Print the whole output of one run on each host.",
    discussion: """
        taroc output -H web1 backup > log
        taroc output -g web backup

      Of one host a pipe gets it byte for byte; of several each line stands behind its host. 1 where no host has such a run.
      """)

  @Argument(help: "A job id (its newest run), a job@instance or the beginning of an instance id.")
  var instance: String

  @Flag(help: "Print the time of each line before it.")
  var timestamps = false

  @OptionGroup var streams: StreamOptions
  @OptionGroup var moment: FleetMoment
  @OptionGroup(title: "Hosts") var fleet: FleetOptions
  @OptionGroup var color: ColorOption

  func run() throws {
    let targets = try fleet.targets()
    let asking = try moment.of(
      .output(instance, stream: streams.only, timestamps: timestamps))
    try Printing(targets, HostPrinter(targets.hosts, color.palette)).run { _ in asking }
  }
}
