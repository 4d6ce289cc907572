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
    log = configuration.log
    isKept = configuration.retention.keepsRuns
    plugins = configuration.plugins
    killAfter = killAfter ?? configuration.termination.killAfter
    diesWithTaro = diesWithTaro || configuration.termination.diesWithTaro
  }
}
