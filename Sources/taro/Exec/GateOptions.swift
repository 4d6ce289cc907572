internal import ArgumentParser
internal import Events
internal import Linux
internal import Settings

/// Options that decide whether the job may start now. Strings alone: each further type costs the start of every run.
struct GateOptions: ParsableArguments {
  @Flag(
    name: [.customShort("o"), .customLong("no-overlap")],
    help: "Do not run beside another instance of the job: SKIPPED.")
  var noOverlap = false

  @Flag(name: .shortAndLong, help: "Wait until no earlier instance of the job is left: -m 1.")
  var serial = false

  @Option(
    name: [.customShort("m"), .customLong("max-executions")],
    help: ArgumentHelp(
      "Wait while so many earlier ones are live, of the job or group.", valueName: "n"))
  var limit: String?

  @Option(
    name: [.customShort("g"), .customLong("execution-group")],
    help: ArgumentHelp(
      "The group that -s and -m count; the job's id by default.", valueName: "group"),
    completion: .executionGroups)
  var group: String?

  @Option(
    name: [.customShort("d"), .customLong("depends-on")],
    help: ArgumentHelp(
      "Run only while an instance that matches is live; may be repeated, one is enough.",
      valueName: "pattern"),
    completion: .instances)
  var dependsOn: [String] = []

  @Option(
    name: [.customShort("p"), .customLong("pending")],
    help: ArgumentHelp("Wait until this latch is released (taro release).", valueName: "latch"),
    completion: .latches)
  var latch: String?

  @Option(
    help: ArgumentHelp(
      "Wait until the instances that match have ended; may be repeated.", valueName: "pattern"),
    completion: .liveInstances)
  var after: [String] = []

  @Option(
    name: .customLong("after-success"),
    help: ArgumentHelp("The same; CANCELLED unless they complete.", valueName: "pattern"),
    completion: .liveInstances)
  var afterSuccess: [String] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Wait so long first: 30s, 5m.", valueName: "time"))
  var delay: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Wait until then: 14:30, 2026-12-24T18:00, tomorrow, monday. A time that clocks skip is the first moment after that.",
      valueName: "when"))
  var at: String?

  @Option(
    name: .customLong("skip-code"),
    help: ArgumentHelp(
      "The exit code of a run that was disabled, skipped or lacks its dependency; 0 by default.",
      valueName: "code"))
  var skipCode: String?

  func validate() throws {
    for (option, value) in [("-g", group), ("-p", latch)] where value == "" {
      throw ValidationError("\(option) is empty: name it, or leave the option out.")
    }
    for (option, values) in [
      ("-d", dependsOn), ("--after", after), ("--after-success", afterSuccess),
    ] where values.contains("") {
      throw ValidationError("\(option) is empty: name a job or an instance.")
    }
  }

  /// Reads the options, before anything is run.
  func gates() throws -> Gates {
    var gates = Gates()
    gates.noOverlap = noOverlap
    gates.limit = try executions()
    gates.dependsOn = dependsOn
    gates.latch = latch
    gates.after = after
    gates.afterSuccess = afterSuccess
    gates.delay = try delay.map { text in
      do throws(SettingError) {
        return min(try DurationText.microseconds(text), Self.longest)
      } catch {
        throw error.about("--delay")
      }
    }
    gates.notBefore = try at.map(Self.time)
    return gates
  }

  /// The longest time, thirty thousand years, in microseconds: sums with it stay within 64 bits.
  private static let longest: Int64 = 1 << 60

  private func executions() throws -> Int64? {
    // The stricter one, -s, counts.
    if serial { return 1 }
    guard let limit else { return nil }
    guard let number = Int64(limit), number >= 0 else {
      throw ValidationError("-m \(limit): a number is wanted; 0 is no limit.")
    }
    return number == 0 ? nil : number
  }

  func exitCodeWhenSkipped() throws -> Int32 {
    guard let skipCode else { return 0 }
    guard let code = UInt8(skipCode) else {
      throw ValidationError("--skip-code \(skipCode): an exit code from 0 to 255 is wanted.")
    }
    return Int32(code)
  }

  private static func time(_ text: String) throws -> WallTime {
    do throws(SettingError) {
      return min(
        try TimeText.upcoming(text, now: .now), WallTime(microseconds: longest))
    } catch { throw error.about("--at") }
  }
}
