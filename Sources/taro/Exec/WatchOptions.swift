internal import ArgumentParser
internal import CommandLineKit
internal import Events
internal import Matching
internal import Runner
internal import Settings

/// Options on what somebody wants to be told while a job runs.
struct WatchOptions: ParsableArguments {
  @Option(
    name: .customLong("warn-time"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Warn when the command has run for so long: 90s, 1h30m; may be repeated.",
      valueName: "duration"))
  var times: [String] = []

  @Option(
    name: .customLong("warn-output"),
    help: ArgumentHelp(
      "Warn of lines of its output that match, as a terminal shows them, without colours; may be repeated.",
      valueName: "regex"))
  var outputs: [String] = []

  @Option(
    name: .customLong("warn-silence"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Warn each time it prints nothing for so long; may be repeated.", valueName: "duration"))
  var silences: [String] = []

  @Option(
    name: .customLong("progress"),
    help: ArgumentHelp(
      """
      How its last line tells how far it is: groups named done, total and percent, or one for \
      the percentage, or two for done and total. Without it 25/100, 25 of 100 and 25% are \
      recognised.
      """, valueName: "regex"))
  var progress: String?

  /// Reads the wishes; each must be sound, and may be there once.
  func settings(bypassesOutput: Bool) throws -> WatchSettings {
    if bypassesOutput {
      try refuseWithoutOutput("--warn-output", isGiven: !outputs.isEmpty)
      try refuseWithoutOutput("--warn-silence", isGiven: !silences.isEmpty)
      try refuseWithoutOutput("--progress", isGiven: progress != nil)
    }
    return try Self.settings(options)
  }

  /// The wishes as they are recorded.
  var options: RunOptions {
    var options = RunOptions()
    options.warnTimes = Self.unique(times)
    options.warnOutputs = Self.unique(outputs)
    options.warnSilences = Self.unique(silences)
    options.progress = progress
    return options
  }

  /// The settings of wishes, also of a run that is repeated.
  static func settings(_ options: RunOptions) throws -> WatchSettings {
    var settings = WatchSettings()
    settings.times = try options.warnTimes.map { try delay($0, "--warn-time") }
    settings.outputs = try options.warnOutputs.map { try expression($0, "--warn-output") }
    settings.silences = try options.warnSilences.map { try delay($0, "--warn-silence") }
    settings.progress = try options.progress.map { pattern in
      let expression = try expression(pattern, "--progress")
      guard expression.groupCount > 0 else {
        throw SettingError(
          setting: "--progress", text: pattern, reason: "it has no group",
          remedy: #"put the number in parentheses, for instance "row (\d+) of (\d+)""#)
      }
      return expression
    }
    return settings
  }

  private func refuseWithoutOutput(_ option: String, isGiven: Bool) throws(Failure) {
    guard isGiven else { return }
    throw .usage(
      "\(option) needs the command's output, which -b (--bypass-output) leaves to the command; "
        + "leave one of them out")
  }

  private static func delay(_ text: String, _ option: String) throws(SettingError)
    -> WatchSettings.Delay
  {
    do throws(SettingError) {
      let microseconds = try DurationText.microseconds(text)
      guard microseconds > 0 else {
        throw SettingError(
          text: text, reason: "it has to be longer than nothing", remedy: "for instance 90s")
      }
      return WatchSettings.Delay(text: text, microseconds: microseconds)
    } catch { throw error.about(option) }
  }

  private static func expression(
    _ pattern: String, _ option: String
  ) throws(SettingError) -> RegularExpression {
    do throws(RegularExpression.Refusal) { return try RegularExpression(pattern) } catch {
      throw refusal(error, of: pattern, option)
    }
  }

  static func refusal(
    _ refusal: RegularExpression.Refusal, of pattern: String, _ option: String
  ) -> SettingError {
    SettingError(
      setting: option, text: pattern, reason: "\(refusal.reason) at character \(refusal.offset)",
      remedy: "a character that means itself has a backslash before it: pcre2syntax(3)")
  }

  private static func unique(_ texts: [String]) -> [String] {
    var seen: Set<String> = []
    return texts.filter { seen.insert($0).inserted }
  }
}
