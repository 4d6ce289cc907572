internal import Events

/// The choice of the pager that shows long output, if any.
package enum PagerChoice {
  /// The pager's command and arguments, nil for none: a person must be there, and not have asked for
  /// `--no-pager`. $TARO_PAGER goes before $PAGER and that before `less`; empty or `cat` means none.
  /// They are split on blanks and run without a shell.
  ///
  /// - Parameter environment: a variable's value, "" when it is set and empty, nil when it is not set.
  package static func command(
    isTerminal: Bool, noPagerOption: Bool, environment: (String) -> String?
  ) -> [String]? {
    guard isTerminal, !noPagerOption else { return nil }
    let text = environment(EnvironmentVariable.pager.name) ?? environment("PAGER") ?? "less"
    let command = text.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
    return command.isEmpty || command == ["cat"] ? nil : command
  }

  /// The value that LESS gets for the pager, nil when the person has set their own: quit when all fits
  /// on one screen, show colours, leave the text on the screen.
  package static func lessOptions(environment: (String) -> String?) -> String? {
    environment("LESS") == nil ? "FRX" : nil
  }
}
