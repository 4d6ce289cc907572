internal import ArgumentParser
internal import Operations

struct Pause: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pause",
    abstract: "Stop running jobs for a while (SIGSTOP).",
    discussion: """
      The whole process group is stopped where it is, until taro resume. Time goes on: a --timeout \
      may end a paused job.

        taro pause backup

      0 asked, 1 nothing matched, 77 a job could not be signalled.
      """)

  @OptionGroup var target: ControlTarget

  func run() throws {
    try target.send(.pause, verb: "pause")
  }
}

struct Resume: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume",
    abstract: "Let paused jobs go on (SIGCONT).",
    discussion: """
        taro resume backup

      0 asked, 1 nothing matched, 77 a job could not be signalled.
      """)

  @OptionGroup var target: ControlTarget

  func run() throws {
    try target.send(.resume, verb: "resume")
  }
}
