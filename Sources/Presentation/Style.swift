/// The subject of a text; the palette knows how that looks.
package enum Tone: Equatable, Sendable {
  case plain
  case heading
  case jobID
  case instanceID
  case warning
  /// Text that was looked for.
  case match
  /// Lines that only the first, or only the second, of two has.
  case removed
  case added
  case state(StateTone)
  /// Each character has a tone of its own; those beyond have none.
  case characters([StateTone])
}

/// The groups of states that are told apart by colour.
package enum StateTone: Equatable, Sendable, CaseIterable {
  case beforeExecution
  case executing
  case completed
  case notCompleted
  case notExecuted
  case failure
}

/// An ANSI text attribute (ECMA-48, SGR).
package struct Style: Equatable, Sendable {
  package enum Color: Int, Sendable {
    case red = 31
    case green = 32
    case yellow = 33
    case blue = 34
    case brightBlack = 90
    case brightRed = 91
    case brightYellow = 93
  }

  package var isBold = false
  package var color: Color?

  package init(isBold: Bool = false, color: Color? = nil) {
    self.isBold = isBold
    self.color = color
  }

  /// The text in this style; empty and plain text stays without escape sequences.
  package func applied(to text: String) -> String {
    guard !text.isEmpty else { return text }
    return switch (isBold, color) {
    case (false, nil): text
    case (true, nil): "\u{1b}[1m\(text)\u{1b}[0m"
    case (false, let color?): "\u{1b}[\(color.rawValue)m\(text)\u{1b}[0m"
    case (true, let color?): "\u{1b}[1;\(color.rawValue)m\(text)\u{1b}[0m"
    }
  }
}
