internal import Documents
internal import Events
internal import PluginSupport

/// The form in which a receiver wants to be told, and its answer that says that it was.
enum BodyTemplate: String, CaseIterable {
  /// The change document.
  case json
  case slack
  case mattermost
  case discord
  case teams
  case ntfy
  case gotify
  /// Pings as of Healthchecks: see `RunPings`.
  case healthchecks

  /// Characters of a text that the receiver takes, less some for what stands around it.
  var longestText: Int {
    switch self {
    case .json, .healthchecks: 16_000
    case .slack, .mattermost: 3500
    // It takes 2000, with the subject.
    case .discord: 1500
    case .teams: 8000
    case .ntfy: 3500
    case .gotify: 8000
    }
  }

  /// The HTTP header field of a token.
  func field(token: String) -> (name: String, value: String) {
    self == .gotify ? ("X-Gotify-Key", token) : ("Authorization", "Bearer \(token)")
  }

  /// - Parameter topic: of ntfy.
  func body(_ change: ChangeDocument, topic: String?) -> String {
    let subject = ChangeText.subject(change)
    let isWell = change.change == .recovered
    switch self {
    case .json, .healthchecks: return change.json.text
    case .slack:
      // Escaped, nobody is called by a job's name or output (<!channel>).
      return Self.object([
        ("text", .string("*\(Self.slack(subject))*\n```\(Self.slack(details(change)))```"))
      ])
    case .mattermost:
      return Self.object([
        ("text", .string("**\(Self.calm(subject))**\n\(fenced(details(change)))"))
      ])
    case .discord:
      return Self.object([
        ("content", .string("**\(Self.calm(subject))**\n\(fenced(details(change)))")),
        // Nobody is called by what a job has printed.
        ("allowed_mentions", .object([.init("parse", .array([]))])),
      ])
    case .teams: return teams(subject, details(change), isWell)
    case .ntfy:
      return Self.object([
        ("topic", topic.map { .string($0) }), ("title", .string(subject)),
        ("message", .string(details(change))), ("priority", .integer(isWell ? 3 : 4)),
        ("tags", .strings([isWell ? "white_check_mark" : "warning"])),
      ])
    case .gotify:
      return Self.object([
        ("title", .string(subject)), ("message", .string(details(change))),
        ("priority", .integer(isWell ? 4 : 8)),
      ])
    }
  }

  /// The text below the subject: what is known, what is not as it was, the last lines.
  private func details(_ change: ChangeDocument) -> String {
    let body = ChangeText.body(change)
    let text = body.drop { $0 != "\n" }.drop { $0 == "\n" }
    guard text.count > longestText else { return String(text) }
    return text.prefix(longestText / 3) + "\n[...]\n" + text.suffix(longestText * 2 / 3)
  }

  /// A card as Workflows take it.
  private func teams(_ subject: String, _ details: String, _ isWell: Bool) -> String {
    func block(_ text: String, _ more: [(String, JSON?)]) -> JSON {
      .object(
        omittingNil: [("type", "TextBlock"), ("text", .string(text)), ("wrap", true)] + more)
    }
    let color: JSON = isWell ? "good" : "attention"
    // Markdown makes one line of several.
    let lines = details.split(separator: "\n").joined(separator: "\n\n")
    let card = JSON.object(omittingNil: [
      ("$schema", "http://adaptivecards.io/schemas/adaptive-card.json"),
      ("type", "AdaptiveCard"), ("version", "1.4"),
      (
        "body",
        .array([
          block(subject, [("weight", "bolder"), ("color", color)]),
          block(lines, [("fontType", "monospace")]),
        ])
      ),
    ])
    let attachment = JSON.object(omittingNil: [
      ("contentType", "application/vnd.microsoft.card.adaptive"), ("content", card),
    ])
    return Self.object([("type", "message"), ("attachments", .array([attachment]))])
  }

  private static func object(_ members: [(String, JSON?)]) -> String {
    JSON.object(omittingNil: members).text
  }

  /// Slack's three (Formatting text for app surfaces, Escaping text).
  private static func slack(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }

  /// Nobody is called by the text outside of a fence.
  private static func calm(_ text: String) -> String { text.replacing("@", with: "@\u{200b}") }

  private func fenced(_ text: String) -> String {
    "```\n\(text.replacing("```", with: "`\u{200b}``").prefix(longestText + 40))\n```"
  }

  // MARK: Answers

  /// The reason why an answer is none that says so; nil where it was told. Some receivers answer 200 to what they have not taken.
  func refusal(_ answer: CurlCall.Answer) -> String? {
    guard (200...299).contains(answer.status) else { return "the server says \(answer.status)" }
    let text = answer.body.trimmed
    let isTaken =
      switch self {
      case .json, .discord: true
      case .slack, .mattermost: text.lowercased() == "ok"
      case .teams: text.isEmpty || text == "1" || text.hasPrefix("{")
      case .ntfy, .gotify: (try? JSON(parsing: text))?["id"] != nil
      // "OK (not found)", "OK (rate limited)".
      case .healthchecks: text == "OK"
      }
    return isTaken ? nil : "the server says \(answer.status), but not that it has taken it"
  }
}

extension String {
  fileprivate var trimmed: String {
    let blanks: Set<Character> = [" ", "\n", "\r", "\r\n", "\t"]
    return String(
      drop { blanks.contains($0) }.reversed().drop { blanks.contains($0) }.reversed())
  }
}
