package import ArgumentParser

/// The things that a search in outputs tells of what it finds.
package enum SearchResult: Sendable {
  case lines
  case matches
  case counts
  case names

  /// A line for each run, not for each place in it.
  package var isSummary: Bool { self == .counts || self == .names }
}

/// Options of a search in outputs, those of grep(1).
package struct SearchOptions: ParsableArguments {
  @Flag(
    name: [.customShort("i"), .customLong("ignore-case")], help: "Small letters are as capitals.")
  package var ignoresCase = false

  @Flag(
    name: [.customShort("F"), .customLong("fixed-strings")],
    help: "REGEX is a text, and looked for as it is.")
  package var isLiteral = false

  @Flag(name: [.customShort("v"), .customLong("invert-match")], help: "Lines that have it not.")
  package var isInverted = false

  @Flag(name: .shortAndLong, help: "Only how many lines of each run.")
  package var count = false

  @Flag(name: [.customShort("l"), .customLong("list")], help: "Only which runs have such a line.")
  package var listsRuns = false

  @Flag(
    name: [.customShort("o"), .customLong("only-matching")],
    help: "Only what matches, each on a line of its own.")
  package var showsMatchesOnly = false

  @Option(
    name: [.customShort("m", allowingJoined: true), .customLong("max-count")],
    parsing: .unconditional,
    help: ArgumentHelp("So many lines of each run at most.", valueName: "n"))
  package var maximum: Int?

  @Option(
    name: [.customShort("A", allowingJoined: true), .customLong("after-context")],
    parsing: .unconditional, help: ArgumentHelp("And so many lines after each.", valueName: "n"))
  package var after: Int?

  @Option(
    name: [.customShort("B", allowingJoined: true), .customLong("before-context")],
    parsing: .unconditional, help: ArgumentHelp("And so many lines before each.", valueName: "n"))
  package var before: Int?

  @Option(
    name: [.customShort("C", allowingJoined: true), .customLong("context")],
    parsing: .unconditional,
    help: ArgumentHelp("And so many lines before and after each.", valueName: "n"))
  package var around: Int?

  package init() {}

  package func validate() throws {
    for (option, value) in [("-A", after), ("-B", before), ("-C", around)] {
      if let value, !(0...Self.mostContext).contains(value) {
        throw ValidationError("\(option) \(value): has to be 0 to \(Self.mostContext).")
      }
    }
    if let maximum, maximum < 1 { throw ValidationError("-m \(maximum): has to be 1 or more.") }
    if [count, listsRuns, showsMatchesOnly].count(where: { $0 }) > 1 {
      throw ValidationError("-c, -l and -o exclude each other: give one.")
    }
    if isInverted, showsMatchesOnly {
      throw ValidationError("-v and -o exclude each other: in such lines nothing matches.")
    }
  }

  private static let mostContext = 10_000

  package var wanted: SearchResult {
    count ? .counts : listsRuns ? .names : showsMatchesOnly ? .matches : .lines
  }

  /// Beside each that is found; none where no lines are shown.
  package var linesBefore: Int { wanted == .lines ? before ?? around ?? 0 : 0 }
  package var linesAfter: Int { wanted == .lines ? after ?? around ?? 0 : 0 }
}
