internal import ArgumentParser
internal import CommandLineKit
internal import Documents
internal import Events
internal import Fleet
internal import Presentation

struct Grep: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "grep",
    abstract: "Search what all runs have printed, on each host.",
    discussion: """
        taroc grep 'no space left'
        taroc grep -g web -i timeout 'backup*' -S "2d ago" --failed
        taroc grep -c 'row [0-9]+' import
        taroc grep -o 'id=\\w+' -f jsonl

      REGEX is a regular expression as in Perl (pcre2pattern(3)), and is looked for in each line by itself. Each host's runs \
      are searched in the order in which they were created, and lines come as they are found, with host, job@instance, time \
      and stream before them; times are this host's. Where lines around are shown nothing stands between those that are \
      apart. The file of hosts is named by --config: -C is that of grep. A search may take longer than other questions: -t.

      0 found, 1 not found, 2 something could not be searched: a host has not answered, or is damaged, or has given up; \
      stderr says where.
      """)

  @Argument(help: ArgumentHelp("What is looked for.", valueName: "regex"))
  var expression: String

  @Argument(help: ArgumentHelp("Only in instances that match.", valueName: "pattern"))
  var patterns: [String] = []

  @OptionGroup var search: SearchOptions
  @OptionGroup var streams: StreamOptions
  @OptionGroup var history: HistoryOptions

  @Option(name: .shortAndLong, help: "text or jsonl.")
  var format = EventFormat.text

  @OptionGroup(title: "Hosts") var fleet: LongFleetOptions
  @OptionGroup var color: ColorOption

  func run() throws {
    let asking = Asking.search(asked, try history.asked(patterns))
    try FleetSearch(
      try fleet.targets(), FoundPrinter(search.wanted, format, color.palette)
    ).run(asking)
  }

  private var asked: Asking.Search {
    var asked = Asking.Search(expression)
    asked.wanted =
      switch search.wanted {
      case .lines: .lines
      case .matches: .matches
      case .counts: .counts
      case .names: .names
      }
    asked.isLiteral = search.isLiteral
    asked.ignoresCase = search.ignoresCase
    asked.isInverted = search.isInverted
    asked.maximum = search.maximum
    (asked.before, asked.after) = (search.linesBefore, search.linesAfter)
    asked.stream = streams.only
    return asked
  }
}
