internal import ArgumentParser
internal import CommandLineKit
internal import Documents
internal import Events
internal import Fleet
internal import Presentation

/// Has each host searched, and prints what is found as it comes.
struct FleetSearch {
  private let targets: FleetOptions.Targets
  private let found: FoundPrinter

  init(_ targets: FleetOptions.Targets, _ found: FoundPrinter) {
    self.targets = targets
    self.found = found
  }

  func run(_ asking: Asking) throws {
    let hosts = targets.hosts
    let printer = HostPrinter(hosts, found.palette, alwaysNames: true)
    // 2 says that there is something that could not be searched, and stderr what.
    let report = FleetReport(hosts, answers: [1, 2])
    let fan = FanOut(hosts, targets.settings) { _ in asking }
    var isFound = false
    var isWhole = true
    var ends: Set<Int> = []
    var documents: [Int: Int] = [:]
    fan.woken = { printer.output.flush() }
    func say(_ host: Int, _ text: String) {
      printer.output.flush()
      StandardError.say("\(hosts[host].name): \(text)")
    }
    try fan.run { host, happening in
      switch happening {
      case .line(let line):
        documents[host, default: 0] += 1
        switch try AnswerDocument.read(line, SearchAnswer.init) {
        case .hit(let hit):
          isFound = true
          found.print(hit, of: host, hosts[host].name, to: printer)
        case .count(let count):
          isFound = true
          found.print(count, of: host, hosts[host].name, to: printer)
        case .missing(let gap):
          say(host, Self.text(gap))
          if gap.reason != .dropped { isWhole = false }
        case .end(let end):
          ends.insert(host)
          if end.dropped > 0 {
            let runs = CountText.of(end.dropped, "run")
            say(host, "retention has dropped the output of \(runs): not searched")
          }
          guard !end.isComplete else { break }
          isWhole = false
          let isAtItsLimit = documents[host, default: 0] > Asking.mostFoundByServer
          say(
            host,
            isAtItsLimit
              ? "a server tells no more than this of a search: name fewer instances"
              : "the expression takes too long: the server has given it up")
        }
      case .ended(let outcome, let errors, let more):
        printer.output.flush()
        let outcome = Self.checked(outcome, hosts[host], hasEnded: ends.contains(host), errors)
        report.take(host, outcome, errors: errors, more: more)
        if outcome == .answered(exitCode: 2) { isWhole = false }
      case .begun, .bytes: break
      }
    }
    printer.output.flush()
    guard isWhole, report.failed == 0 else { throw ExitCode(2) }
    guard isFound else { throw ExitCode(1) }
  }

  /// A server says itself that its answer to a search is whole.
  private static func checked(
    _ outcome: HostOutcome, _ host: FleetHost, hasEnded: Bool, _ errors: [String]
  ) -> HostOutcome {
    guard case .rest = host.way, case .answered(let code) = outcome, !hasEnded else {
      return outcome
    }
    return .failed(
      code == 0
        ? HostFailure(.answer, "it is not whole")
        : HostFailure(.version, errors.last ?? "the server cannot search"))
  }

  private static func text(_ gap: SearchGap) -> String {
    let name = "\(gap.job)@\(gap.instance.text): "
    let size = gap.bytes.map(TimeFormat.bytes)
    switch gap.reason {
    case .givenUp:
      let time = gap.at.map { " of \(TimeFormat.local($0))" } ?? ""
      return name + "the expression takes too long in a line\(time): given up there"
    case .damaged:
      let event = gap.seq.map { ", event \($0)" } ?? ""
      return name + "\(size ?? "something") here is damaged in the ledger\(event)"
    case .dropped:
      return name + "retention has dropped \(size.map { "\($0) of it" } ?? "what stood") here"
    }
  }
}

/// Shows what was found, as the search of a local ledger does where there is no heading.
struct FoundPrinter {
  let palette: Palette
  private let wanted: SearchResult
  private let format: EventFormat
  private let text: HitText

  init(_ wanted: SearchResult, _ format: EventFormat, _ palette: Palette) {
    (self.wanted, self.format, self.palette) = (wanted, format, palette)
    text = HitText(palette)
  }

  func print(_ hit: HitDocument, of host: Int, _ name: String, to printer: HostPrinter) {
    guard format == .text else {
      return printer.output.write(json: Hosted(name, hit.json).json)
    }
    let place = text.place(
      job: hit.job, instance: hit.instance, hit.stream, at: hit.at, isHit: hit.isHit)
    guard wanted == .matches else {
      return print(place, hit.line, hit.matches, isCut: hit.isCut, of: host, to: printer)
    }
    for match in hit.matches {
      print(place, match, [match], isCut: false, of: host, to: printer)
    }
  }

  private func print(
    _ place: PrintableText, _ line: String, _ matches: [String], isCut: Bool, of host: Int,
    to printer: HostPrinter
  ) {
    let bytes = Array(line.utf8)
    guard printer.isForTerminal else {
      printer.write(place, bytes, of: host, end: isCut ? " ...\n" : "\n")
      return
    }
    printer.write(
      place + text.line(bytes[...], Self.places(of: matches, in: bytes), isCut: isCut), of: host)
  }

  /// The places of what was found, in order: the document has the texts alone, and where the same one stands before it,
  /// that is marked.
  static func places(of matches: [String], in line: [UInt8]) -> [Range<Int>] {
    var places: [Range<Int>] = []
    var start = 0
    for match in matches where !match.isEmpty {
      guard let place = line[start...].firstRange(of: match.utf8) else { break }
      places.append(place)
      start = place.upperBound
    }
    return places
  }

  func print(_ count: HitCountDocument, of host: Int, _ name: String, to printer: HostPrinter) {
    var count = count
    if wanted == .names { count.lines = nil }
    switch format {
    case .jsonl: printer.output.write(json: Hosted(name, count.json).json)
    case .text:
      printer.write(
        text.summary(job: count.job, instance: count.instance, lines: count.lines), of: host)
    }
  }
}
