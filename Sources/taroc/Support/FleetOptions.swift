internal import ArgumentParser
internal import CommandLineKit
internal import Events
internal import Fleet
internal import Linux
internal import Settings

/// Options of every command, but for the file of hosts: which of them, and how they are asked.
struct HostOptions: ParsableArguments {
  @Option(
    name: [.customShort("H"), .customLong("host")],
    help: ArgumentHelp(
      "Ask this host: a configured one, or [user@]host[:port]; may be repeated.",
      valueName: "host"), completion: .hosts)
  var hosts: [String] = []

  @Option(
    name: [.customShort("g"), .customLong("group")],
    help: ArgumentHelp("Ask the hosts of this group; may be repeated.", valueName: "name"),
    completion: .groups)
  var groups: [String] = []

  @Flag(name: .customLong("all"), help: "Ask all hosts that are configured.")
  var isAll = false

  @Option(
    name: [.customShort("x"), .customLong("exclude")],
    help: ArgumentHelp(
      "Leave this host out, or those that match; may be repeated.", valueName: "host"),
    completion: .hosts)
  var excluded: [String] = []

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Ask so many hosts at once (64).", valueName: "n"))
  var parallel: Int?

  @Option(
    name: .customLong("connect-timeout"),
    help: ArgumentHelp("Give up connecting after this time.", valueName: "time"))
  var connectTimeout = "5s"

  @Option(
    name: [.customShort("t"), .customLong("timeout")],
    help: ArgumentHelp(
      "Give up a host's answer after this time (30s); one without an end, when it has not begun.",
      valueName: "time"))
  var timeout: String?

  @Option(
    name: .customLong("ssh-option"),
    help: ArgumentHelp("Passed to ssh as -o; may be repeated.", valueName: "key=value"))
  var sshOptions: [String] = []

  @Flag(name: .customLong("no-share"), help: "Open a connection of its own for each question.")
  var sharesNothing = false

  func validate() throws {
    if let parallel, !(1...1024).contains(parallel) {
      throw ValidationError("--parallel \(parallel): has to be from 1 to 1024.")
    }
    for option in sshOptions {
      let key = option.prefix { $0.isASCII && $0.isLetter }
      guard !key.isEmpty, option.dropFirst(key.count).first == "=",
        option.unicodeScalars.allSatisfy({ !EscapedText.acts($0) })
      else { throw ValidationError("--ssh-option \(option): an option is KEY=VALUE.") }
    }
    _ = try OptionValue.duration(connectTimeout, "--connect-timeout")
    _ = try OptionValue.duration(timeout, "--timeout")
  }

  /// - Parameter mustBeNamed: nobody is meant who was not named.
  func targets(of book: HostBook, mustBeNamed: Bool) throws -> FleetOptions.Targets {
    var selection = HostSelection()
    selection.hosts = hosts
    selection.groups = groups
    selection.isAll = isAll
    selection.excluded = excluded
    let hosts = try selection.resolve(book, mustBeNamed: mustBeNamed)
    var settings = FanOutSettings(program: "taro")
    settings.parallel = parallel ?? book.defaults.parallel ?? settings.parallel
    settings.timeout = try OptionValue.duration(timeout, "--timeout") ?? settings.timeout
    settings.ssh.options = sshOptions
    settings.ssh.connectTimeout =
      try OptionValue.duration(connectTimeout, "--connect-timeout") ?? 5_000_000
    settings.ssh.socketDirectory = sharesNothing ? nil : ConnectionSharing.directory()
    // One host, and somebody who can be asked: nobody is asked behind another's back.
    settings.mayAsk = hosts.count == 1 && Terminal.isTerminal(0) && Terminal.isTerminal(2)
    settings.ssh.isBatch = !settings.mayAsk
    return FleetOptions.Targets(hosts: hosts, settings: settings)
  }
}

/// The file of hosts.
enum BookFile {
  static func validate(_ file: String?) throws {
    if file?.isEmpty == true {
      throw ValidationError("--config is empty: name a file, or leave it out.")
    }
  }

  /// The hosts that are configured. Says on stderr which files are passed over.
  static func book(_ file: String?) throws(ConfigurationError) -> HostBook {
    let (book, skipped) = try loaded(file)
    SkippedFiles.say(skipped)
    return book
  }

  static func loaded(
    _ file: String?
  ) throws(ConfigurationError) -> (HostBook, [SkippedFile]) {
    let lookup = ConfigurationLookup(folders: HostFile.folders)
    if let file { return (try HostFile.read(try lookup.file(file)), []) }
    let own = try lookup.find(HostFile.fileName)
    var book =
      try own.file.map { file throws(ConfigurationError) in try HostFile.read(file) }
      ?? HostBook()
    let original = try lookup.find(OriginalHostFile.fileName)
    if let file = original.file { try OriginalHostFile.read(file, into: &book) }
    return (book, own.skipped + original.skipped)
  }
}

/// Options of every command: which hosts, and how they are asked.
struct FleetOptions: ParsableArguments {
  @OptionGroup var selected: HostOptions

  @Option(
    name: [.customShort("C"), .customLong("config")],
    help: ArgumentHelp("Use this file of hosts.", valueName: "file"), completion: .file())
  var file: String?

  /// The hosts that are asked, and how.
  struct Targets {
    var hosts: [FleetHost]
    var settings: FanOutSettings
  }

  func validate() throws { try BookFile.validate(file) }

  func loaded() throws(ConfigurationError) -> (HostBook, [SkippedFile]) {
    try BookFile.loaded(file)
  }

  /// - Parameter mustBeNamed: nobody is meant who was not named.
  func targets(mustBeNamed: Bool = false) throws -> Targets {
    try selected.targets(of: try BookFile.book(file), mustBeNamed: mustBeNamed)
  }
}

/// The same of a command whose -C is something else.
struct LongFleetOptions: ParsableArguments {
  @OptionGroup var selected: HostOptions

  @Option(
    name: .customLong("config"),
    help: ArgumentHelp("Use this file of hosts.", valueName: "file"), completion: .file())
  var file: String?

  func validate() throws { try BookFile.validate(file) }

  func targets() throws -> FleetOptions.Targets {
    try selected.targets(of: try BookFile.book(file), mustBeNamed: false)
  }
}

extension CompletionKind {
  /// Hosts that are configured.
  static var hosts: CompletionKind {
    .book { book in book.hosts.map { Candidate($0.name, note: $0.place) } }
  }

  /// Groups that are configured.
  static var groups: CompletionKind {
    .book { book in
      book.groups.map { group in
        let count = book.hosts.count { $0.groups.contains(group) }
        return Candidate(group, note: count == 1 ? "1 host" : "\(count) hosts")
      }
    }
  }

  /// No host is asked when a key is pressed.
  private static func book(
    _ find: @escaping @Sendable (HostBook) -> [Candidate]
  ) -> CompletionKind {
    .custom { words, _, _ in
      guard let options = try? FleetOptions.parse(words.dropLast()),
        let loaded = try? options.loaded()
      else { return [] }
      return find(loaded.0).filter(\.isOfferable).map(\.line)
    }
  }
}
