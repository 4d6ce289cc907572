internal import Events

/// The colours of all of taro's output, or none of them.
package struct Palette: Equatable, Sendable {
  package let isColored: Bool

  package static let colored = Palette(isColored: true)
  package static let plain = Palette(isColored: false)

  /// The text, made printable, as its tone wants it. In the row of a failed job everything is bright red, so that it
  /// stands out of a long table; the job id stays bold.
  package func paint(_ text: String, _ tone: Tone, inRowOf row: StateTone? = nil) -> PrintableText {
    let text = PrintableText.escaped(text)
    guard isColored else { return PrintableText(verbatim: text) }
    if case .characters(let tones) = tone { return paint(text, tones) }
    var style = Palette.style(of: tone)
    if row == .failure { style.color = .brightRed }
    return PrintableText(verbatim: style.applied(to: text))
  }

  private func paint(_ text: String, _ tones: [StateTone]) -> PrintableText {
    var result = ""
    for (index, character) in text.enumerated() {
      let tone = index < tones.count ? Tone.state(tones[index]) : .plain
      result += Palette.style(of: tone).applied(to: String(character))
    }
    return PrintableText(verbatim: result)
  }

  /// `job@instance`.
  package func paint(job: String, instance: String) -> PrintableText {
    paint(job, .jobID) + "@" + paint(instance, .instanceID)
  }

  package static func style(of tone: Tone) -> Style {
    switch tone {
    case .plain, .characters: Style()
    case .heading, .jobID: Style(isBold: true)
    case .instanceID: Style(color: .brightBlack)
    case .warning: Style(color: .red)
    case .match: Style(isBold: true, color: .brightRed)
    case .removed: Style(color: .red)
    case .added: Style(color: .green)
    case .state(.beforeExecution): Style(color: .green)
    case .state(.executing): Style(color: .blue)
    case .state(.completed): Style()
    case .state(.notCompleted): Style(color: .brightYellow)
    case .state(.notExecuted): Style(color: .yellow)
    case .state(.failure): Style(color: .brightRed)
    }
  }

  /// The wish of a person about colours, as ls(1) and grep(1) take it.
  package enum Wish: String, CaseIterable, Sendable { case auto, always, never }

  /// Colours only for a person at a terminal who has not declined them: `--no-color`, NO_COLOR or
  /// TARO_NO_COLOR with any value, even an empty one, or TERM=dumb. CLICOLOR_FORCE, unless it is 0, stands for a terminal;
  /// what the command line says goes before all variables.
  ///
  /// - Parameter environment: a variable's value, "" when it is set and empty, nil when it is not set.
  package static func choose(
    isTerminal: Bool, noColorOption: Bool, wish: Wish = .auto, environment: (String) -> String?
  ) -> Palette {
    switch wish {
    case .always: return .colored
    case .never: return .plain
    case .auto: break
    }
    guard !noColorOption, environment("NO_COLOR") == nil,
      environment(EnvironmentVariable.noColor.name) == nil
    else { return .plain }
    let isForced = environment("CLICOLOR_FORCE").map { !["", "0"].contains($0) } ?? false
    return Palette(isColored: isForced || isTerminal && environment("TERM") != "dumb")
  }
}
