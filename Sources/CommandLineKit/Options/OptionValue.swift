package import Events
package import Settings

/// Values of options, with errors that name the option.
package enum OptionValue {
  /// Microseconds, as `90s` or `1h30m`; nil where the option is not given.
  package static func duration(
    _ text: String?, _ option: String
  ) throws(SettingError) -> Int64? {
    try value(text, option, DurationText.microseconds)
  }

  /// A time, as `14:30` or `2h ago`; nil where the option is not given.
  package static func time(
    _ text: String?, _ option: String, now: WallTime
  ) throws(SettingError) -> WallTime? {
    try value(text, option) { text throws(SettingError) in
      try TimeText.time(text, now: now)
    }
  }

  /// The same for a time to come.
  package static func future(
    _ text: String?, _ option: String, now: WallTime
  ) throws(SettingError) -> WallTime? {
    try value(text, option) { text throws(SettingError) in try TimeText.future(text, now: now) }
  }

  private static func value<Value>(
    _ text: String?, _ option: String, _ read: (String) throws(SettingError) -> Value
  ) throws(SettingError) -> Value? {
    guard let text else { return nil }
    do throws(SettingError) { return try read(text) } catch { throw error.about(option) }
  }
}
