/// The content of a crontab (crontab(5)): the lines that start something, as far as they can be read.
package struct Crontab: Equatable, Sendable {
  package struct Line: Equatable, Sendable {
    /// From 1.
    package let number: Int
    package let schedule: CronSchedule
    /// CRON_TZ where it stands above, which some crons follow.
    package let zone: String?
    /// The lines above set them.
    package let variables: [String: String]
    /// The column of a system's crontab.
    package let user: String?
    /// As the shell gets it: what follows the first % is its input.
    package let command: String
  }

  package struct Problem: Equatable, Sendable {
    package let number: Int
    package let error: ScheduleError
  }

  package private(set) var lines: [Line] = []
  package private(set) var problems: [Problem] = []

  /// - Parameter hasUsers: it is the system's, with a user before each command.
  package init(_ text: String, hasUsers: Bool) {
    var variables: [String: String] = [:]
    // A line that was written elsewhere ends with a carriage return too, and both are one character.
    let raws = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
    for (index, raw) in raws.enumerated() {
      let line = raw.drop(while: Self.isBlank)
      if line.isEmpty || line.hasPrefix("#") { continue }
      if let (name, value) = Self.assignment(line) {
        variables[name] = value
        continue
      }
      do throws(ScheduleError) {
        lines.append(try Self.line(line, index + 1, variables, hasUsers))
      } catch { problems.append(Problem(number: index + 1, error: error)) }
    }
  }

  private static func isBlank(_ character: Character) -> Bool {
    character == " " || character == "\t"
  }

  /// `MAILTO=root`, `NAME = "a value"`; nil where the line is none. A time begins with no letter.
  private static func assignment(_ line: Substring) -> (name: String, value: String)? {
    let quote = line.first.flatMap { $0 == "\"" || $0 == "'" ? $0 : nil }
    let name: Substring
    var rest: Substring
    if let quote {
      guard let end = line.dropFirst().firstIndex(of: quote) else { return nil }
      name = line.dropFirst().prefix(upTo: end)
      rest = line[line.index(after: end)...]
    } else {
      name = line.prefix { !isBlank($0) && $0 != "=" }
      rest = line.dropFirst(name.count)
      guard name.first.map({ $0.isLetter || $0 == "_" }) ?? false else { return nil }
    }
    rest = rest.drop(while: isBlank)
    guard rest.first == "=" else { return nil }
    var value = rest.dropFirst().drop(while: isBlank)
    while let last = value.last, isBlank(last) { value.removeLast() }
    if value.count >= 2, let quote = value.first, quote == "\"" || quote == "'",
      value.last == quote
    {
      value = value.dropFirst().dropLast()
    }
    return (String(name), String(value))
  }

  private static func line(
    _ text: Substring, _ number: Int, _ variables: [String: String], _ hasUsers: Bool
  ) throws(ScheduleError) -> Line {
    var rest = text
    func word() -> Substring {
      let word = rest.prefix { !isBlank($0) }
      rest = rest.dropFirst(word.count).drop(while: isBlank)
      return word
    }
    // Some crons keep a line out of the log that begins so.
    if rest.hasPrefix("-") { rest = rest.dropFirst() }
    let count = rest.hasPrefix("@") ? 1 : 5
    let time = (0..<count).map { _ in word() }.joined(separator: " ")
    let schedule = try CronSchedule(time)
    var user: String?
    if hasUsers {
      user = String(word())
      guard user != "" else { throw ScheduleError(text, "it names no user") }
    }
    let command = command(rest)
    guard !command.isEmpty else { throw ScheduleError(text, "it has no command") }
    let zone = variables["CRON_TZ"].flatMap { $0.isEmpty ? nil : $0 }
    return Line(
      number: number, schedule: schedule, zone: zone, variables: variables, user: user,
      command: command)
  }

  /// Up to the first % that no backslash stands before; with one, it is a %.
  private static func command(_ text: Substring) -> String {
    var command = ""
    var isEscaped = false
    for character in text {
      if character == "%" {
        guard isEscaped else { break }
        command.removeLast()
      }
      isEscaped = character == "\\"
      command.append(character)
    }
    while let last = command.last, isBlank(last) { command.removeLast() }
    return command
  }
}
