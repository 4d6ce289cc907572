/// The end of an instance: the data of every terminal event.
package struct Ending: Equatable, Sendable {
  package var exitCode: Int64?
  /// The signal that killed the job, without SIG.
  package var signal: String?
  package var coreDumped = false
  /// The reason, where the state alone does not say it.
  package var reason: String?
  package var usage: Usage?
  package var output: OutputTotals?
  /// The last line of output.
  package var status: String?
  /// The job's progress, as far as that line tells it.
  package var progress: Progress?
  /// A process that the job left behind still held its output open when taro went.
  package var outputLeftOpen = false
  package var evidence: Evidence?

  package struct Usage: Equatable, Sendable {
    package var userMicroseconds: Int64
    package var systemMicroseconds: Int64
    /// The largest resident set of one of its processes; nil where it cannot be told from the runner's.
    package var maxRSSBytes: Int64?
    /// An upper bound of the memory, where the maximum itself is not known.
    package var maxRSSBelowBytes: Int64?
    /// Blocks of 512 bytes that the file system had to read and write (getrusage(2)).
    package var blocksIn: Int64
    package var blocksOut: Int64

    package init(
      userMicroseconds: Int64, systemMicroseconds: Int64, maxRSSBytes: Int64?,
      maxRSSBelowBytes: Int64? = nil, blocksIn: Int64, blocksOut: Int64
    ) {
      self.userMicroseconds = userMicroseconds
      self.systemMicroseconds = systemMicroseconds
      self.maxRSSBytes = maxRSSBytes
      self.maxRSSBelowBytes = maxRSSBelowBytes
      self.blocksIn = blocksIn
      self.blocksOut = blocksOut
    }
  }

  /// The traces of a run whose runner had vanished.
  package struct Evidence: Equatable, Sendable {
    /// The time at which the last event before this one was appended.
    package var lastSignOfLife: WallTime
    package var childRunning: Bool
    /// It was in a pid namespace of which not all is seen where this was found out, so it may have been running.
    package var childUnseen: Bool
    /// The host has been booted since.
    package var rebooted: Bool

    package init(
      lastSignOfLife: WallTime, childRunning: Bool, childUnseen: Bool = false, rebooted: Bool
    ) {
      self.lastSignOfLife = lastSignOfLife
      self.childRunning = childRunning
      self.childUnseen = childUnseen
      self.rebooted = rebooted
    }
  }

  package init() {}

  package init(_ json: JSON) {
    exitCode = json["exit_code"]?.integer
    signal = json["signal"]?.string
    coreDumped = json["core_dumped"]?.bool ?? false
    reason = json["reason"]?.string
    if let user = json["user_us"]?.integer {
      usage = Usage(
        userMicroseconds: user, systemMicroseconds: json["system_us"]?.integer ?? 0,
        maxRSSBytes: json["max_rss_bytes"]?.integer,
        maxRSSBelowBytes: json["max_rss_below_bytes"]?.integer,
        blocksIn: json["blocks_in"]?.integer ?? 0, blocksOut: json["blocks_out"]?.integer ?? 0)
    }
    output = json["output"].map { OutputTotals($0) }
    status = json["status"]?.string
    progress = json["progress"].flatMap { Progress($0) }
    outputLeftOpen = json["output_left_open"]?.bool ?? false
    if let lastSign = json["last_sign_of_life"]?.wallTime {
      evidence = Evidence(
        lastSignOfLife: lastSign, childRunning: json["child_running"]?.bool ?? false,
        childUnseen: json["child_unseen"]?.bool ?? false,
        rebooted: json["rebooted"]?.bool ?? false)
    }
  }

  package var json: JSON {
    .object(omittingNil: [
      ("exit_code", exitCode.map { .integer($0) }),
      ("signal", signal.map { .string($0) }),
      ("core_dumped", coreDumped ? true : nil),
      ("reason", reason.map { .string($0) }),
      ("user_us", usage.map { .integer($0.userMicroseconds) }),
      ("system_us", usage.map { .integer($0.systemMicroseconds) }),
      ("max_rss_bytes", usage?.maxRSSBytes.map { .integer($0) }),
      ("max_rss_below_bytes", usage?.maxRSSBelowBytes.map { .integer($0) }),
      ("blocks_in", usage.map { .integer($0.blocksIn) }),
      ("blocks_out", usage.map { .integer($0.blocksOut) }),
      ("output", output.map(\.json)),
      ("status", status.map { .string($0) }),
      ("progress", progress?.json),
      ("output_left_open", outputLeftOpen ? true : nil),
      ("last_sign_of_life", evidence.map { .microseconds($0.lastSignOfLife) }),
      ("child_running", evidence.map { .bool($0.childRunning) }),
      ("child_unseen", evidence.flatMap { $0.childUnseen ? true : nil }),
      ("rebooted", evidence.flatMap { $0.rebooted ? true : nil }),
    ])
  }
}

/// The amount of output: the data of an `output` event for its own bytes, and part of a terminal event for the whole
/// run.
package struct OutputTotals: Equatable, Sendable {
  package var stdoutBytes: Int64 = 0
  package var stderrBytes: Int64 = 0
  /// Line feeds; in the totals of a run a last line without one counts too.
  package var lines: Int64 = 0
  /// Bytes that were passed on but not recorded.
  package var droppedBytes: Int64 = 0
  /// The time by which an `output` event is later than the reading of its first byte, microseconds.
  package var late: Int64 = 0

  package init() {}

  package init(_ json: JSON) {
    stdoutBytes = json["stdout"]?.integer ?? 0
    stderrBytes = json["stderr"]?.integer ?? 0
    lines = json["lines"]?.integer ?? 0
    droppedBytes = json["dropped"]?.integer ?? 0
    late = json["late_us"]?.integer ?? 0
  }

  package var bytes: Int64 { stdoutBytes &+ stderrBytes }

  /// Returns those of one stream; of both for nil.
  package func bytes(of stream: OutputStream?) -> Int64 {
    switch stream {
    case .stdout: stdoutBytes
    case .stderr: stderrBytes
    case nil: bytes
    }
  }

  package var json: JSON {
    .object(omittingNil: [
      ("stdout", .integer(stdoutBytes)), ("stderr", .integer(stderrBytes)),
      ("lines", .integer(lines)),
      ("dropped", droppedBytes == 0 ? nil : .integer(droppedBytes)),
      ("late_us", late == 0 ? nil : .integer(late)),
    ])
  }
}

/// Output that is missing in the record: the data of an `output_gap` event.
package struct OutputGap: Equatable, Sendable {
  package var bytes: Int64
  package var reason: String

  /// - Parameter bytes: 0 where all is recorded, and was not delivered.
  package init(bytes: Int64 = 0, reason: String = "") {
    self.bytes = bytes
    self.reason = reason
  }

  package init(_ json: JSON) {
    bytes = json["bytes"]?.integer ?? 0
    reason = json["reason"]?.string ?? ""
  }

  package var json: JSON {
    .object(omittingNil: [("bytes", .integer(bytes)), ("reason", .string(reason))])
  }
}
