internal import Events
internal import Matching
internal import Runner
internal import Settings

extension Job {
  /// Takes over what the configuration says about every job; what the job has of its own stays.
  mutating func configure(_ configuration: Configuration) {
    if launch.recordedVariables == .none {
      launch.recordedVariables = configuration.recordedVariables
    }
    output = configuration.output
    output.split = split ?? output.split
    if !bypassesOutput { options.keptOutput = options.keptOutput ?? output.keep }
    log = configuration.log
    isKept = configuration.retention.keepsRuns
    plugins = configuration.plugins
    killAfter = killAfter ?? configuration.termination.killAfter
    diesWithTaro = diesWithTaro || configuration.termination.diesWithTaro
    addMask(configuration.recordMask)
    maskID()
    if options.successCodes.isEmpty {
      options.successCodes = configuration.successCodes(ofJob: id)
    }
  }

  /// A mistake in an expression keeps no job from running, and brings nothing into the record that it was to hide.
  private mutating func addMask(_ patterns: [String]) {
    for pattern in patterns {
      do throws(RegularExpression.Refusal) { mask.add(try RegularExpression(pattern)) } catch {
        hideCommand(because: "\(WatchOptions.refusal(error, of: pattern, "record.mask"))")
      }
    }
  }

  /// Records nothing of the command, and says so.
  mutating func hideCommand(because reason: String) {
    mask.hideAll()
    remarks.append("\(reason); until then each word of the command is recorded as ***")
  }
}
