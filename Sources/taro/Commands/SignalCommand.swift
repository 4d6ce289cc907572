internal import ArgumentParser
internal import CommandLineKit
internal import Events
internal import Linux
internal import Operations
internal import Presentation

struct SignalCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "signal",
    abstract: "Send running jobs a signal.",
    discussion: """
      To the whole process group. How the run is said to have ended is left to what the job makes of it; to \
      end a job, see taro stop.

        taro signal nginx HUP
        taro signal 'worker*' USR1

      0 sent on, 1 nothing matched, 77 a job could not be signalled.
      """)

  @Argument(
    help: ArgumentHelp("Instances that match.", valueName: "pattern"), completion: .liveInstances)
  var pattern: String

  @Argument(help: "Its name, with or without SIG, or its number.", completion: .signals)
  var signal: String

  @OptionGroup var options: ControlOptions

  func run() throws {
    guard let number = Signals.parse(signal) else {
      throw Failure.usage(
        "there is no signal \(PrintableText.escaped(signal)): give a name such as HUP or USR1, or a number"
      )
    }
    let name = Signals.name(number)
    try ControlTarget(patterns: [pattern], options: options).send(.signal(name), verb: "SIG\(name)")
  }
}
