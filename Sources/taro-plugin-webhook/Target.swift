internal import Documents
internal import Events
internal import PluginSupport

/// A receiver of taro.yaml: where it is, in which form it wants to be told, and what of.
struct Target {
  private enum Address {
    case plain(String)
    case secret(SecretFile)
  }

  private static let keys = [
    "name", "url", "url_file", "token_file", "template", "topic", "lines", "timeout", "changes",
    "jobs",
  ]
  private static let lineLimit = 1000
  private static let timeoutLimit = 300

  let name: String
  let template: BodyTemplate
  private let address: Address
  private let token: SecretFile?
  private let topic: String?
  /// Seconds for one request.
  private let timeout: Int
  let lines: Int
  let changes: ChangeSelection
  private let jobs: [Pattern]

  init(_ settings: PluginConfiguration) throws(PluginError) {
    try settings.refuseKeys(besides: Self.keys)
    guard let name = try settings.word("name"), Self.isName(name) else {
      throw .settings(
        "a target has no name: letters, digits, - and _, by which the ledger knows what it was told"
      )
    }
    self.name = name
    let word = try settings.word("template") ?? BodyTemplate.json.rawValue
    guard let template = BodyTemplate(rawValue: word) else {
      let known = BodyTemplate.allCases.map(\.rawValue).joined(separator: ", ")
      throw .settings("\(name): there is no template \"\(word)\"; there are: \(known)")
    }
    self.template = template
    switch (try settings.word("url"), try settings.word("url_file")) {
    case (let url?, nil):
      guard Self.isAddress(url) else {
        throw .settings("\(name): url has to begin with https:// or http://, without blanks")
      }
      address = .plain(url)
    case (nil, let path?): address = .secret(try SecretFile(path, "\(name): url_file"))
    default: throw .settings("\(name): say either url or url_file")
    }
    token = try settings.word("token_file").map { path throws(PluginError) in
      try SecretFile(path, "\(name): token_file")
    }
    topic = try settings.word("topic")
    if template == .ntfy, topic == nil { throw .settings("\(name): topic is missing") }
    lines = try settings.count("lines", upTo: Self.lineLimit) ?? 20
    timeout = max(1, try settings.count("timeout", upTo: Self.timeoutLimit) ?? 4)
    // The others are known to whoever is pinged, from what does not come.
    changes = try settings.changes(default: template == .healthchecks ? ["lost"] : ["all"])
    jobs = (try settings.words("jobs") ?? []).map { Pattern($0) }
    guard !changes.isEmpty || template == .healthchecks else {
      throw .settings("\(name): nothing would ever be told: say changes")
    }
  }

  /// All targets of the settings.
  static func all(_ settings: PluginConfiguration) throws(PluginError) -> [Target] {
    try settings.refuseKeys(besides: ["targets"])
    guard let sections = try settings.sections("targets"), !sections.isEmpty else {
      throw .settings("there are no targets: say targets: [{name: chat, url: https://...}]")
    }
    var targets: [Target] = []
    for section in sections {
      let target = try Target(section)
      guard !targets.contains(where: { $0.name == target.name }) else {
        throw .settings("there are two targets named \(target.name)")
      }
      targets.append(target)
    }
    return targets
  }

  private static func isName(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count)
      && text.utf8.allSatisfy {
        switch $0 {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
          true
        default: false
        }
      }
  }

  private static func isAddress(_ text: String) -> Bool {
    (text.hasPrefix("https://") || text.hasPrefix("http://"))
      && text.utf8.allSatisfy { (0x21...0x7e).contains($0) }
  }

  /// The name under which the ledger knows what it was told.
  var channelName: String { "webhook/\(name)" }

  func takes(job: String) -> Bool { jobs.isEmpty || jobs.contains { $0.matches(job: job) } }

  // MARK: Telling

  /// - Throws: `CurlCall.Failure` and the like, which hold no secret.
  func tell(_ change: ChangeDocument) throws {
    var change = change
    var body = template.body(change, topic: topic)
    while body.utf8.count > CurlCall.largestBody, !(change.output + change.difference).isEmpty {
      change.output.removeFirst((change.output.count + 1) / 2)
      change.difference.removeLast((change.difference.count + 1) / 2)
      body = template.body(change, topic: topic)
    }
    if body.utf8.count > CurlCall.largestBody {
      // Its command, then: the ledger has it.
      change.command = ["[...]"]
      change.reason = change.reason.map { String($0.prefix(1000)) }
      body = template.body(change, topic: topic)
    }
    try send(body, id: change.id, type: "application/json")
  }

  /// - Parameter suffix: a path behind the address, before its query, and what is added to that.
  func send(
    _ body: String, id: String, type: String, suffix: (path: String, query: String) = ("", "")
  ) throws {
    let url: String
    switch address {
    case .plain(let text): url = text
    case .secret(let file):
      url = try file.read()
      guard Self.isAddress(url) else {
        throw CurlCall.Failure(
          description: "\(file.path) has no address that begins with https:// or http://")
      }
    }
    var call = CurlCall(url: Self.url(url, suffix), body: body, timeout: timeout)
    call.fields = [("Content-Type", type), ("Idempotency-Key", id)]
    if let token { call.fields.append(template.field(token: try token.read())) }
    if let refusal = template.refusal(try call.run()) {
      throw CurlCall.Failure(description: refusal)
    }
  }

  private static func url(_ url: String, _ suffix: (path: String, query: String)) -> String {
    let parts = url.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = parts.first else { return url }
    let isPlain = suffix.path.isEmpty || !first.hasSuffix("/")
    let base = isPlain ? String(first) : String(first.dropLast())
    let query = [parts.dropFirst().first.map(String.init) ?? "", suffix.query]
      .filter { !$0.isEmpty }.joined(separator: "&")
    return base + suffix.path + (query.isEmpty ? "" : "?" + query)
  }
}
