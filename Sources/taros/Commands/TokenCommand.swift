internal import ArgumentParser
internal import CommandLineKit
internal import Events
internal import Linux
internal import Presentation
internal import Server
internal import Settings

struct TokenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "token",
    abstract: "Say who may come in from elsewhere.",
    subcommands: [TokenAdd.self, TokenList.self, TokenRevoke.self])
}

extension Token.Scope: ExpressibleByArgument {}

struct TokenAdd: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add",
    abstract: "Make a token, and show it this once.",
    discussion: """
      It counts from the next request on; no server has to be started again.

        taros token add ops --scope control
        taros token add dashboard --scope read --jobs 'backup*' --expires 90d
      """)

  @Argument(help: "What to call it.")
  var name: String

  @Option(help: "read: look at everything; control: do everything.")
  var scope: Token.Scope

  @Option(
    help: ArgumentHelp(
      "Only jobs that match; others do not exist for it. May be repeated.", valueName: "pattern"))
  var jobs: [String] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Until when: 90d, 2027-01-01.", valueName: "time"))
  var expires: String?

  @OptionGroup var options: ServerOptions

  func validate() throws {
    let isWord = name.unicodeScalars.allSatisfy { scalar in
      scalar.isASCII
        && (scalar.properties.isAlphabetic || "0123456789-_.".unicodeScalars.contains(scalar))
    }
    guard !name.isEmpty, name.utf8.count <= 64, isWord else {
      throw ValidationError(
        "a token's name has letters, digits, dots, - and _, at most 64 of them.")
    }
    guard !jobs.contains("") else { throw ValidationError("--jobs is empty: name a pattern.") }
  }

  func run() throws {
    let expiry = try expires.map { text in
      do throws(SettingError) {
        return try TimeText.future(text, now: .now)
      } catch { throw error.about("--expires") }
    }
    let added = try options.tokens().add(name, scope, jobs: jobs, expiresAt: expiry)
    let output = StandardOutput()
    output.write("\(added.text)\n")
    output.flush()
    StandardError.say("this is the only time that it is shown")
  }
}

struct TokenList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Show which tokens there are.")

  @Option(name: .shortAndLong, help: "table, json or jsonl.")
  var format = OutputFormat.table

  @OptionGroup var options: ServerOptions
  @OptionGroup var color: ColorOption

  func run() throws {
    let now = WallTime.now
    let table = Table(
      Self.columns(now), terminalColumns: Terminal.columns(1), palette: color.palette)
    var listing = Listing(
      format, "tokens", to: StandardOutput(), table: table, document: Self.document)
    for token in try options.tokens().list() { listing.append(token) }
    listing.finish()
  }

  private static func columns(_ now: WallTime) -> [TableColumn<Token>] {
    [
      TableColumn("NAME", maximumWidth: 30) { $0.name },
      TableColumn("SCOPE", maximumWidth: 10) { $0.scope.rawValue },
      TableColumn("JOBS", maximumWidth: 40) { $0.jobs.joined(separator: " ") },
      TableColumn("CREATED", maximumWidth: 25) { TimeFormat.local($0.createdAt) },
      TableColumn("EXPIRES", maximumWidth: 25) { token in
        token.isExpired(at: now) ? "expired" : token.expiresAt.map { TimeFormat.local($0) } ?? ""
      },
    ]
  }

  private static func document(_ token: Token) -> JSON {
    func time(_ time: WallTime?) -> JSON {
      time.map { .string(Timestamp.rfc3339($0)) } ?? .null
    }
    return .object([
      JSON.Member("name", .string(token.name)),
      JSON.Member("scope", .string(token.scope.rawValue)),
      JSON.Member("jobs", .strings(token.jobs)), JSON.Member("created_at", time(token.createdAt)),
      JSON.Member("expires_at", time(token.expiresAt)),
    ])
  }
}

struct TokenRevoke: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revoke",
    abstract: "Take a token back, and the sessions that were opened with it.")

  @Argument(help: "Its name.", completion: .tokens)
  var name: String

  @OptionGroup var options: ServerOptions

  func run() throws { try options.tokens().revoke(name) }
}

extension CompletionKind {
  /// The tokens that there are; says nothing where they cannot be read.
  fileprivate static var tokens: CompletionKind {
    .custom { words, _, _ in
      guard let options = try? ServerOptions.parse(words.dropLast()),
        let configuration = try? options.loaded().configuration,
        let directory = try? options.directory(configuration),
        let tokens = try? TokenFile(directory).list()
      else { return [] }
      return tokens.map { Candidate($0.name, note: $0.scope.rawValue).line }
    }
  }
}
