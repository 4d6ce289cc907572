/// Wishes beside the launch, the gates and the times of a run: `options` in the data of `created`. Whoever
/// runs it again wants the same.
package struct RunOptions: Equatable, Sendable {
  /// The number of tries that may follow a first one that fails, and the time before the second, microseconds.
  package var retries: Int64?
  package var retryDelay: Int64?
  /// The exit codes that are tried again; empty: all that are failures.
  package var retryOn: [Int64] = []
  /// The exit codes that are no failure; empty: 0 alone.
  package var successCodes: [Int64] = []
  /// The signal that asks the job to end, without SIG; nil: TERM.
  package var stopSignal: String?
  /// Its output is passed on only if it did not complete.
  package var isQuietOnSuccess = false
  /// So it is too when it has printed something on stderr.
  package var isLoudOnStderr = false
  /// The bytes of its output that are kept at most, of its beginning and its end.
  package var keptOutput: Int64?
  /// Something of its command is hidden in the record, which does not tell what was run.
  package var isMasked = false
  /// The warnings that are wanted, as they were typed.
  package var warnTimes: [String] = []
  package var warnOutputs: [String] = []
  package var warnSilences: [String] = []
  /// The expression that finds how far the job is.
  package var progress: String?

  package init() {}

  package var isEmpty: Bool { self == RunOptions() }

  package init(_ json: JSON) {
    retries = json["retry"]?.integer
    retryDelay = json["retry_delay_us"]?.integer
    retryOn = Self.integers(json["retry_on"])
    successCodes = Self.integers(json["success_codes"])
    stopSignal = json["stop_signal"]?.string
    isQuietOnSuccess = json["quiet_on_success"]?.bool ?? false
    isLoudOnStderr = json["loud_on_stderr"]?.bool ?? false
    keptOutput = json["keep_output_bytes"]?.integer
    isMasked = json["masked"]?.bool ?? false
    warnTimes = Self.strings(json["warn_time"])
    warnOutputs = Self.strings(json["warn_output"])
    warnSilences = Self.strings(json["warn_silence"])
    progress = json["progress"]?.string
  }

  package var json: JSON {
    .object(omittingNil: [
      ("retry", retries.map { .integer($0) }),
      ("retry_delay_us", retryDelay.map { .integer($0) }),
      ("retry_on", retryOn.isEmpty ? nil : .array(retryOn.map { .integer($0) })),
      ("success_codes", successCodes.isEmpty ? nil : .array(successCodes.map { .integer($0) })),
      ("stop_signal", stopSignal.map { .string($0) }),
      ("quiet_on_success", isQuietOnSuccess ? true : nil),
      ("loud_on_stderr", isLoudOnStderr ? true : nil),
      ("keep_output_bytes", keptOutput.map { .integer($0) }),
      ("masked", isMasked ? true : nil),
      ("warn_time", warnTimes.isEmpty ? nil : .strings(warnTimes)),
      ("warn_output", warnOutputs.isEmpty ? nil : .strings(warnOutputs)),
      ("warn_silence", warnSilences.isEmpty ? nil : .strings(warnSilences)),
      ("progress", progress.map { .string($0) }),
    ])
  }

  private static func integers(_ json: JSON?) -> [Int64] {
    (json?.array ?? []).compactMap(\.integer)
  }

  private static func strings(_ json: JSON?) -> [String] {
    (json?.array ?? []).compactMap(\.string)
  }
}
