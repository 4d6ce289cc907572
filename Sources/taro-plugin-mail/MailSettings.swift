internal import Linux
internal import PluginSupport

/// The people who are told, and how.
struct MailSettings {
  /// `-t`: the recipients are those of the header; `-i`: a line with a dot alone ends nothing.
  private static let sendmail = ["/usr/sbin/sendmail", "-t", "-i"]
  private static let lineLimit = 10_000

  let to: [String]
  /// The sender; nil: sendmail knows.
  let from: String?
  let sendmail: [String]
  /// Last lines of output in the mail.
  let lines: Int
  let selection: Selection
  let changes: ChangeSelection

  init(_ settings: PluginConfiguration) throws(PluginError) {
    try settings.refuseKeys(
      besides: ["to", "from", "sendmail", "lines", "changes"] + Selection.keys)
    guard let to = try settings.words("to"), !to.isEmpty else {
      throw .settings("to is missing: say who gets the mail")
    }
    for address in to { try Self.check(address, "to") }
    self.to = to
    from = try settings.word("from")
    if let from { try Self.check(from, "from") }
    sendmail = try settings.command("sendmail") ?? Self.sendmail
    lines = try settings.count("lines", upTo: Self.lineLimit) ?? 50
    selection = try settings.selection(default: [])
    // Whoever says states wants a mail for each run.
    let hasStates = try settings.words("states") != nil
    changes = try settings.changes(default: hasStates ? [] : ["all"])
    guard !selection.isEmpty || !changes.isEmpty else {
      throw .settings("no mail would ever be sent: say changes, states or warnings")
    }
  }

  /// An address stands in the header as it is.
  private static func check(_ address: String, _ key: String) throws(PluginError) {
    guard !address.isEmpty, address.utf8.count <= 900,
      address.utf8.allSatisfy({ (0x20...0x7e).contains($0) })
    else {
      throw .settings("\(key) has to be an address, of printable ASCII characters")
    }
  }
}
