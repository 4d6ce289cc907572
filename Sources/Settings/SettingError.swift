internal import Linux

/// A setting that cannot be used: an option, an environment variable or a value of the config file.
package struct SettingError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The option or variable it was given with, for instance `--since`; nil while only the value is known.
  package let setting: String?
  package let text: String
  package let reason: String
  package let remedy: String

  package init(setting: String? = nil, text: String, reason: String, remedy: String) {
    self.setting = setting
    self.text = text
    self.reason = reason
    self.remedy = remedy
  }

  /// The same error, told about the option or variable that the text came from.
  package func about(_ setting: String) -> SettingError {
    SettingError(setting: setting, text: text, reason: reason, remedy: remedy)
  }

  /// One line, whatever the text contains: `--since "2026-02-30": 2026-02 has 28 days; accepted: ...`.
  package var description: String {
    let subject = setting.map { "\($0) " } ?? ""
    return "\(subject)\(SettingError.quoted(text)): \(reason); \(remedy)"
  }

  package static func quoted(_ text: String) -> String { "\"\(EscapedText.of(text))\"" }
}
