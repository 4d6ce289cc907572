internal import Documents
internal import Events
internal import PluginSupport

/// Pings of a service that wants to hear of each run, as Healthchecks has them: a start, a success, a failure with its exit
/// code, a line for the log (healthchecks.io/docs/http_api). The last lines of output are the body, and the run's id
/// as a UUID tells which end belongs to which start.
struct RunPings {
  private let targets: [Target]
  private var ends = RunEnds()
  /// The run runs nothing: who waits for its job has to go on waiting.
  private var isRehearsal = false

  init(_ targets: [Target]) { self.targets = targets }

  mutating func take(_ event: PluginEvent, _ voice: inout PluginVoice) {
    if event.kind == .state(.created) { isRehearsal = Created(event.data).isDryRun }
    guard !isRehearsal else { return }
    for target in targets where target.takes(job: event.job) {
      switch event.kind {
      case .state(.running): note("/start", "", event, target, &voice)
      case .warning:
        let warning = Warning(event.data)
        note("/log", "\(warning.kind.rawValue) \(warning.text)", event, target, &voice)
      case .state(let state) where state.isTerminal && state.group != .notExecuted:
        ends.tell(event, by: target.channelName, lines: target.lines, &voice) { end in
          try Self.tell(end, to: target)
        }
      default: break
      }
    }
  }

  /// Tells what is left of earlier runs.
  mutating func finish(_ voice: inout PluginVoice) throws {
    for target in targets {
      try ends.tellLeft(by: target.channelName, lines: target.lines, &voice) { end in
        try Self.tell(end, to: target)
      }
    }
  }

  /// A start that came late would be a run that never ends: it is not tried again.
  private func note(
    _ path: String, _ body: String, _ event: PluginEvent, _ target: Target,
    _ voice: inout PluginVoice
  ) {
    do {
      try Self.send(body, event.instance, path, to: target)
    } catch { voice.fail("\(target.channelName): \(path) of \(event.instance): \(error)") }
  }

  private static func tell(_ end: RunEnds.End, to target: Target) throws {
    let path =
      switch end.state.group {
      case .completed: ""
      case .failure:
        end.ending.exitCode.flatMap { (1...255).contains($0) ? "/\($0)" : nil } ?? "/fail"
      // Somebody has stopped it: it has not done its work, and has not failed either.
      default: "/log"
      }
    try send(end.output, end.instance, path, to: target)
  }

  /// A change of a job, of which no run tells: nobody saw its end.
  static func tell(_ change: ChangeDocument, to target: Target) throws {
    let body = ChangeText.body(change)
    guard let instance = change.instance else {
      return try target.send(body, id: change.id, type: text, suffix: ("/fail", ""))
    }
    try send(body, instance, "/fail", to: target)
  }

  private static let text = "text/plain; charset=UTF-8"
  /// Characters of a body.
  private static let limit = 10_000

  private static func send(
    _ body: String, _ instance: InstanceID, _ path: String, to target: Target
  ) throws {
    try target.send(
      String(body.suffix(limit)), id: "\(instance)\(path)", type: text,
      suffix: (path, "rid=\(RunUUID.of(instance))"))
  }
}

/// A run's id as a UUID of version 7: the same time and the same random bits.
enum RunUUID {
  private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz")

  static func of(_ instance: InstanceID) -> String {
    // 16 characters of 5 bits: 48 bits of time, 32 random ones.
    var bits: UInt128 = 0
    for character in instance.text {
      bits = bits << 5 | UInt128(alphabet.firstIndex(of: character) ?? 0)
    }
    let (time, random) = (UInt64(bits >> 32), UInt64(truncatingIfNeeded: bits) & 0xffff_ffff)
    let parts = [
      hex(time >> 16, 8), hex(time & 0xffff, 4), "7000",
      "8" + hex(random >> 20, 3), hex(random & 0xfffff, 12),
    ]
    return parts.joined(separator: "-")
  }

  private static func hex(_ value: UInt64, _ digits: Int) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }
}
