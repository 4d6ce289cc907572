/// Turns keys that are typed while a replay goes on into commands.
package struct ReplayKeys: Equatable, Sendable {
  package enum Command: Equatable, Sendable {
    case pause, step, faster, slower, nextHit, nextError, quit
    case seek(seconds: Int)
    case search(String)
    /// The text that is being typed has changed.
    case typing
  }

  /// The expression to look for, while it is being typed.
  package private(set) var prompt: String?
  private var escape: [UInt8] = []
  private var typed: [UInt8] = []

  package init() {}

  package mutating func take(_ bytes: [UInt8]) -> [Command] {
    var commands: [Command] = []
    for byte in bytes {
      if let command = prompt == nil ? take(key: byte) : take(typed: byte) {
        commands.append(command)
      }
    }
    return commands
  }

  private mutating func take(key: UInt8) -> Command? {
    if !escape.isEmpty { return take(escaped: key) }
    switch UnicodeScalar(key) {
    case "\u{1b}": escape = [key]
    case " ": return .pause
    case ".": return .step
    case "+", "=": return .faster
    case "-": return .slower
    case "n": return .nextHit
    case "e": return .nextError
    case "q", "\u{4}": return .quit
    case "/":
      (prompt, typed) = ("", [])
      return .typing
    default: break
    }
    return nil
  }

  /// The arrows: ESC [ C and ESC O C. Whatever else is typed after Esc is a key by itself.
  private mutating func take(escaped key: UInt8) -> Command? {
    if escape.count == 1, "[O".utf8.contains(key) {
      escape.append(key)
      return nil
    }
    let isArrow = escape.count == 2
    escape = []
    guard isArrow else { return take(key: key) }
    switch UnicodeScalar(key) {
    case "C": return .seek(seconds: 5)
    case "D": return .seek(seconds: -5)
    default: return nil
    }
  }

  private mutating func take(typed key: UInt8) -> Command? {
    switch key {
    case 0x0a, 0x0d:
      let text = String(decoding: typed, as: UTF8.self)
      prompt = nil
      return text.isEmpty ? .typing : .search(text)
    case 0x1b:
      prompt = nil
      return .typing
    case 0x7f, 0x08:
      // The last character, of however many bytes.
      while let last = typed.popLast(), last & 0xc0 == 0x80 {}
    case 0x20...: typed.append(key)
    default: return nil
    }
    prompt = String(decoding: typed, as: UTF8.self)
    return .typing
  }
}
