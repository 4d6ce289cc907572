internal import CommandLineKit
internal import Events
internal import Glibc
internal import Linux

/// The timers of systemd, as systemctl tells of them.
struct TimerSources {
  private(set) var found = FoundExpectations()
  private let isOfUser: Bool
  private let words: ExpectedWords

  /// - Parameter isOfUser: those of the user's own manager, and not the system's.
  init(isOfUser: Bool, ledger: String) throws {
    self.isOfUser = isOfUser
    words = ExpectedWords(ledger: ledger)
    let list = try ask(["list-timers", "--all", "--output=json"])
    guard let timers = (try? JSON(parsing: list))?.array else {
      throw Failure("systemctl list-timers gave no JSON; systemd 247 and later do")
    }
    let units = timers.compactMap { $0["unit"]?.string }
    guard !units.isEmpty else { return }
    for timer in try show(units, Self.timerProperties) { try read(timer) }
  }

  private static let timerProperties =
    "Id,Unit,TimersCalendar,TimersMonotonic,AccuracyUSec,RandomizedDelayUSec"

  private func ask(_ words: [String]) throws -> String {
    let manager = isOfUser ? ["--user"] : []
    guard let answer = try SystemCommand.answer(["systemctl"] + manager + ["--no-pager"] + words)
    else { throw Failure("there is no systemctl here to ask for timers") }
    guard answer.code == 0 else {
      let reason =
        answer.errors.split(separator: "\n").first.map(String.init) ?? "exit code \(answer.code)"
      throw Failure("systemctl \(words.first ?? ""): \(reason)")
    }
    return answer.output
  }

  /// Properties of units: `NAME=value` lines, an empty line between two units.
  private typealias Properties = [(name: String, value: String)]

  private func show(_ units: [String], _ names: String) throws -> [Properties] {
    let text = try ask(["show", "--property=\(names)", "--"] + units)
    return text.split(separator: "\n", omittingEmptySubsequences: false)
      .split(whereSeparator: \.isEmpty)
      .map { lines in
        lines.compactMap { line in
          line.firstIndex(of: "=").map {
            (String(line[..<$0]), String(line[line.index(after: $0)...]))
          }
        }
      }
  }

  private mutating func read(_ timer: Properties) throws {
    func values(_ name: String) -> [String] { timer.filter { $0.name == name }.map(\.value) }
    guard let id = values("Id").first, let unit = values("Unit").first else { return }
    let job = try job(of: unit)
    guard job != nil else {
      found.others += 1
      return
    }
    // TimersCalendar={ OnCalendar=*-*-* 03:00:00 ; next_elapse=... }
    let calendar = values("TimersCalendar").compactMap { Self.member("OnCalendar", $0) }
    let monotonic = values("TimersMonotonic").compactMap { Self.member("OnUnitActiveUSec", $0) }
    let due: JobExpectation.Due
    if !calendar.isEmpty {
      due = .times(cron: [], calendar: calendar)
    } else if let period = monotonic.compactMap({ Self.microseconds($0) }).min() {
      due = .every(period)
    } else {
      return found.leaveOut(
        id, "it elapses once after something else, which is no time to wait for")
    }
    let slack = ["AccuracyUSec", "RandomizedDelayUSec"].flatMap(values)
      .compactMap { Self.microseconds($0) }.reduce(0, +)
    found.add(job, id, JobExpectation(due, grace: JobExpectation.standardGrace + slack))
  }

  private func job(of unit: String) throws -> ExpectedWords.Found? {
    // ExecStart={ path=/usr/bin/x ; argv[]=/usr/bin/x a b ; ignore_errors=no ; ... }
    let service = try show([unit], "ExecStart,User,Environment").flatMap { $0 }
    func value(_ name: String) -> String { service.first { $0.name == name }?.value ?? "" }
    var variables: [String: String] = [:]
    for pair in value("Environment").split(separator: " ") {
      let parts = pair.split(separator: "=", maxSplits: 1)
      if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
    }
    for line in service where line.name == "ExecStart" {
      guard let argv = Self.member("argv[]", line.value),
        let job = words.job(inWords: argv.split(separator: " ").map(String.init), variables)
      else { continue }
      let (other, user) = (value("User"), Users.name(of: getuid()))
      return other.isEmpty || other == user || other == "\(getuid())"
        ? job : .unknown("it runs as \(other), who has another ledger; ask as that user")
    }
    return nil
  }

  /// A member of `{ name=value ; name=value }`.
  private static func member(_ name: String, _ text: String) -> String? {
    text.dropFirst(text.hasPrefix("{ ") ? 2 : 0).split(separator: " ; ").lazy
      .first { $0.hasPrefix("\(name)=") }
      .map { part in
        let value = part.dropFirst(name.count + 1)
        return String(value.hasSuffix(" }") ? value.dropLast(2) : value)
      }
  }

  /// `1d`, `1min 30s`, `0`: as systemd writes durations.
  private static func microseconds(_ text: String) -> Int64? {
    let units: [String: Int64] = [
      "us": 1, "ms": 1000, "s": 1_000_000, "min": 60_000_000, "h": 3_600_000_000,
      "d": 86_400_000_000, "w": 604_800_000_000, "month": 2_629_800_000_000,
      "y": 31_557_600_000_000, "": 1,
    ]
    var total: Int64 = 0
    for part in text.split(separator: " ") {
      let digits = part.prefix { $0.isNumber || $0 == "." }
      guard let number = Double(digits), let unit = units[String(part.dropFirst(digits.count))],
        let length = Int64(exactly: (number * Double(unit)).rounded())
      else { return nil }
      total = total.addingReportingOverflow(length).partialValue
    }
    return total
  }
}
