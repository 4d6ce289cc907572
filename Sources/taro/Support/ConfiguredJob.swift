internal import Runner
internal import Settings

extension Job {
  /// Takes over what the configuration says about every job; a time that the job has of its own stays.
  mutating func configure(_ configuration: Configuration) {
    launch.recordedVariables = configuration.recordedVariables
    output = configuration.output
    log = configuration.log
    isKept = configuration.retention.keepsRuns
    plugins = configuration.plugins
    killAfter = killAfter ?? configuration.termination.killAfter
  }
}
