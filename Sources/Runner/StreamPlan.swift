internal import Glibc
internal import Linux
package import Settings

/// The plan for the job's streams: which are captured, and whether they are one. Decided before the run is on record,
/// which tells it.
package struct StreamPlan: Equatable, Sendable {
  /// False where there is nothing to write into: closed by the caller, or open for reading alone. The job finds that as
  /// it is.
  package var capturesStdout = true
  package var capturesStderr = true
  /// One pipe for both: their order is that of the job's writes. All of it is recorded as stdout.
  package var isOne = false
  /// Both streams are passed on into one place, whose order is kept however slowly that is read.
  package var sharesPlace = false

  package init() {}

  /// Asks what stdout and stderr of this process are.
  package init(split: OutputSplit) {
    let stdout = OpenFile.isClosed(1) ? nil : OpenFile(1)
    let stderr = OpenFile.isClosed(2) ? nil : OpenFile(2)
    self.init(
      split: split, stdout: stdout, stderr: stderr, areOne: OpenFile.areOne(1, 2),
      isTerminal: { Terminal.isTerminal(1) },
      atSamePosition: { OpenFile.position(1) == OpenFile.position(2) })
  }

  /// - Parameters:
  ///   - areOne: whether they are one open file; nil where the kernel does not tell.
  ///   - isTerminal: whether stdout is one.
  ///   - atSamePosition: asked where the kernel does not tell.
  init(
    split: OutputSplit, stdout: OpenFile?, stderr: OpenFile?, areOne: Bool?,
    isTerminal: () -> Bool, atSamePosition: () -> Bool
  ) {
    capturesStdout = stdout?.isWritable ?? false
    capturesStderr = stderr?.isWritable ?? false
    guard let stdout, let stderr, capturesStdout, capturesStderr else { return }
    sharesPlace = Self.areOnePlace(stdout, stderr, areOne, isTerminal, atSamePosition)
    isOne =
      switch split {
      case .auto: sharesPlace
      case .always: false
      case .never: true
      }
  }

  /// One open file; or two of a place that puts what comes behind what is there, whoever wrote it.
  private static func areOnePlace(
    _ stdout: OpenFile, _ stderr: OpenFile, _ areOne: Bool?, _ isTerminal: () -> Bool,
    _ atSamePosition: () -> Bool
  ) -> Bool {
    if areOne == true { return true }
    guard stdout.isSameFile(as: stderr) else { return false }
    switch stdout.kind {
    case .regular where stdout.appends && stderr.appends: return true
    case .pipe: return true
    case .characters where isTerminal(): return true
    case .regular, .socket, .characters, .other:
      return areOne == nil && stdout.flags == stderr.flags && atSamePosition()
    }
  }

  /// The names of those that the job has as they are, although its output is captured.
  var uncaptured: [String] {
    (capturesStdout ? [] : ["stdout"]) + (capturesStderr ? [] : ["stderr"])
  }
}

extension Job {
  func streamPlan() -> StreamPlan {
    guard !bypassesOutput else { return StreamPlan() }
    guard !launch.hasOwnTerminal else {
      var plan = StreamPlan()
      plan.isOne = true
      return plan
    }
    return StreamPlan(split: output.split)
  }
}
