package import Events

extension Asking {
  /// Asks for live instances: instance documents.
  package static func live(_ patterns: [String]) -> Asking {
    let query: [(String, String?)] =
      [("order", "asc"), ("limit", "1000")] + patterns.map { ("match", $0) }
    return Asking(
      ["ps", "--format", "jsonl", "--"] + patterns,
      http: HTTPAsking([.init(HTTPAsking.path(["instances"], query), .list("instances"))]))
  }

  /// A selection of ended instances.
  package struct History: Equatable, Sendable {
    package var patterns: [String] = []
    package var states: [InstanceState] = []
    package var reason: String?
    package var since: WallTime?
    package var until: WallTime?
    /// Microseconds.
    package var longerThan: Int64?
    package var params: [String] = []
    package var user: String?
    package var executionGroup: String?
    package var exitCodes: Set<Int64> = []

    package init() {}

    var options: [String] {
      var words: [String] = []
      if let since { words += ["--since", Timestamp.rfc3339(since)] }
      if let until { words += ["--until", Timestamp.rfc3339(until)] }
      if !states.isEmpty {
        words += ["--state=" + states.map { $0.rawValue.lowercased() }.joined(separator: ",")]
      }
      if let reason { words.append("--reason=\(reason)") }
      if let longerThan { words += ["--longer", "\(longerThan / 1000)ms"] }
      words += params.map { "--param=\($0)" }
      if let user { words.append("--user=\(user)") }
      if let executionGroup { words.append("--execution-group=\(executionGroup)") }
      words += exitCodes.sorted().map { "--exit-code=\($0)" }
      return words
    }

    var query: [(String, String?)] {
      var query: [(String, String?)] = patterns.map { ("match", $0) }
      if let since { query.append(("since", Timestamp.rfc3339(since))) }
      if let until { query.append(("until", Timestamp.rfc3339(until))) }
      query += states.map { ("state", $0.rawValue) }
      if let reason { query.append(("reason", reason)) }
      if let longerThan { query.append(("longer", "\(longerThan / 1000)ms")) }
      query += params.map { ("param", $0) }
      if let user { query.append(("user", user)) }
      if let executionGroup { query.append(("execution_group", executionGroup)) }
      return query + exitCodes.sorted().map { ("exit_code", "\($0)") }
    }
  }

  package enum HistoryOrder: String, CaseIterable, Sendable { case created, finished, time }

  /// Ended instances: instance documents.
  package static func ended(
    _ history: History, lastOfEachJob: Bool, limit: Int?, order: HistoryOrder, isAscending: Bool
  ) -> Asking {
    var words = ["hist", "--format", "jsonl", "--sort", order.rawValue] + history.options
    if lastOfEachJob { words.append("--last") }
    if isAscending { words.append("--asc") }
    if let limit { words += ["--lines", "\(limit)"] }
    var query: [(String, String?)] = [
      ("include", "finished"), ("sort", order.rawValue), ("order", isAscending ? "asc" : "desc"),
      ("limit", "\(min(limit ?? 1000, 1000))"),
    ]
    query += history.query
    let step = HTTPAsking.Step(HTTPAsking.path(["instances"], query), .list("instances"))
    let unknown = lastOfEachJob ? "-L" : nil
    return Asking(
      words + ["--"] + history.patterns,
      http: unknown.map(Self.unknown) ?? HTTPAsking([step], maximumRows: limit))
  }

  static func unknown(_ option: String) -> HTTPAsking {
    .impossible("a server does not know \(option)")
  }

  /// Asks how each job has fared: statistics documents.
  package static func statistics(_ history: History) -> Asking {
    Asking(
      ["stats", "--format", "jsonl"] + history.options + ["--"] + history.patterns,
      http: .impossible("a server tells the figures of one job, not of all"))
  }

  /// Patterns that keep jobs from running: disabled documents.
  package static var disabled: Asking {
    Asking(
      ["list-disabled", "--format", "jsonl"],
      http: HTTPAsking([.init("/disabled", .list("disabled"))]))
  }

  /// One instance document over several lines, or in one.
  package static func instance(_ name: String) -> Asking {
    Asking(
      ["show", "--format", "json", "--", name], .text,
      http: HTTPAsking([.init(HTTPAsking.path(["instances", name]), .document)]))
  }

  /// A host document over several lines, or in one.
  package static var hostInfo: Asking {
    var asking = Asking(
      ["hostinfo", "--format", "json"], .text,
      http: HTTPAsking([.init("/hostinfo", .document)]))
    asking.takesLedger = false
    return asking
  }

  /// Events as they happen: event documents.
  /// - Parameter after: a position; nil: from now on.
  package static func events(
    _ patterns: [String], isEverything: Bool, after: String?
  ) -> Asking {
    var asking = Asking(
      ["listen", "--format", "jsonl"] + (isEverything ? ["--all"] : [])
        + ["--since", after ?? position, "--"] + patterns, .stream,
      http: HTTPAsking([]))
    asking.needsPosition = true
    var query: [(String, String?)] = [("follow", nil)] + patterns.map { ("match", $0) }
    if !isEverything {
      query += InstanceState.allCases.map { ("kind", EventKind.state($0).name) }
    }
    if let after, Int64(after) != nil {
      query.append(("after", after))
      asking.http = HTTPAsking([.init(HTTPAsking.path(["events"], query), .lines(.stream))])
    } else if after != nil {
      asking.http = unknown("--since with a time")
    } else {
      asking.http = HTTPAsking([
        .init("/ledger", .position), .init(HTTPAsking.path(["events"], query), .lines(.stream)),
      ])
    }
    return asking
  }
}

extension Asking {
  /// Asks who is there: the answer's beginning says it, or else the text of the version, or a server's document.
  package static var version: Asking {
    Asking(["--version"], .text, http: HTTPAsking([.init("/protocol", .document)]))
  }
}

// What jobs have printed.
extension Asking {
  /// - Parameter follows: it goes on as more is printed.
  package static func tail(
    _ patterns: [String], lines: Int, stream: OutputStream?, timestamps: Bool, follows: Bool
  ) -> Asking {
    let words =
      ["tail", "--lines", "\(lines)"] + (follows ? ["--follow"] : []) + option(stream)
      + option(timestamps) + ["--"] + patterns
    var asking = Asking(words, .bytes, http: HTTPAsking([]))
    asking.isEndless = follows
    guard !timestamps else {
      asking.http = unknown("--timestamps")
      return asking
    }
    guard let name = patterns.first, patterns.count == 1, !Pattern(name).isGlob else {
      asking.http = .impossible("a server tells the output of one instance: name it")
      return asking
    }
    var query: [(String, String?)] = [("lines", "\(lines)")]
    if follows { query.append(("follow", nil)) }
    asking.http = HTTPAsking([.init(outputPath(name, stream, query), .bytes)])
    return asking
  }

  /// The whole output of an instance.
  package static func output(_ name: String, stream: OutputStream?, timestamps: Bool) -> Asking {
    Asking(
      ["output"] + option(stream) + option(timestamps) + ["--", name], .bytes,
      http: timestamps
        ? unknown("--timestamps") : HTTPAsking([.init(outputPath(name, stream, []), .bytes)]))
  }

  private static func option(_ timestamps: Bool) -> [String] {
    timestamps ? ["--timestamps"] : []
  }

  static func option(_ stream: OutputStream?) -> [String] {
    stream.map { ["--\(Self.name($0))"] } ?? []
  }

  static func name(_ stream: OutputStream) -> String {
    stream == .stdout ? "stdout" : "stderr"
  }

  private static func outputPath(
    _ name: String, _ stream: OutputStream?, _ query: [(String, String?)]
  ) -> String {
    let query = query + (stream.map { [("stream", Self.name($0))] } ?? [])
    return HTTPAsking.path(["instances", name, "output"], query)
  }
}

// What is run and waited for.
extension Asking {
  /// A command that is run on the host, or an instance that is repeated: `exec` or `rerun` and its words.
  package static func running(_ words: [[UInt8]]) -> Asking {
    var asking = Asking([], .bytes, http: .impossible("a server runs nothing: give it an address"))
    asking.arguments = words
    asking.startsJob = true
    return asking
  }

  /// A line for each change that counts.
  /// - Parameter count: nil: without an end.
  package static func wait(
    _ patterns: [String], states: [String], count: Int?, countsPast: Bool
  ) -> Asking {
    let words =
      ["wait", "--count", "\(count ?? 1_000_000_000)"] + (countsPast ? ["--past"] : [])
      + (states.isEmpty ? [] : ["--states"] + states) + ["--"] + patterns
    return Asking(
      words, .stream, http: .impossible("a server cannot be waited at: give it an address"))
  }
}

// What is asked of jobs. `taro` says in a line for each what has become of it.
extension Asking {
  package enum Request: Equatable, Sendable {
    case stop
    case interrupt
    case kill
    case pause
    case resume
    case signal(String)

    /// As people read it.
    package var verb: String {
      switch self {
      case .stop: "stop"
      case .interrupt: "interrupt"
      case .kill: "kill"
      case .pause: "pause"
      case .resume: "resume"
      case .signal(let name): "send SIG\(name) to"
      }
    }

    fileprivate var words: [String] {
      switch self {
      case .stop: ["stop", "--force"]
      case .interrupt: ["stop", "--force", "--interrupt"]
      case .kill: ["stop", "--force", "--kill"]
      case .pause: ["pause"]
      case .resume: ["resume"]
      case .signal: ["signal"]
      }
    }

    fileprivate var resource: String {
      switch self {
      case .stop: "stop"
      case .interrupt: "interrupt"
      case .kill: "kill"
      case .pause: "pause"
      case .resume: "resume"
      case .signal: "signal"
      }
    }

    fileprivate var done: String {
      if case .signal(let name) = self { "SIG\(name)" } else { verb }
    }
  }

  /// - Parameters:
  ///   - instances: name and id of each; of a signal one.
  ///   - patience: how long their ends are waited for, as `30s`.
  ///   - killAfter: how long they have until SIGKILL follows, as `10s`.
  package static func request(
    _ request: Request, _ instances: [(name: String, id: InstanceID)], reason: String?,
    patience: String?, killAfter: String? = nil
  ) -> Asking {
    var words = request.words
    if let killAfter { words.append("--kill-after=\(killAfter)") }
    if let reason { words.append("--reason=\(reason)") }
    if let patience { words.append("--wait=\(patience)") }
    // The id alone: a job's name may look like a pattern.
    let ids = instances.map(\.id.text)
    var members = reason.map { [JSON.Member("reason", .string($0))] } ?? []
    var tail: [String] = []
    if case .signal(let name) = request {
      members.append(JSON.Member("signal", .string(name)))
      tail = [name]
    }
    let query: [(String, String?)] = patience.map { [("wait", $0)] } ?? []
    let steps = instances.map { instance in
      HTTPAsking.Step(
        HTTPAsking.path(["instances", instance.id.text, request.resource], query),
        .done("\(instance.name) -> \(request.done) requested"), method: "POST",
        body: .object(members))
    }
    return Asking(
      words + ["--"] + ids + tail,
      http: killAfter == nil ? HTTPAsking(steps) : unknown("--kill-after"))
  }

  package static func release(_ latches: [String], holdsOpen: Bool, reason: String?) -> Asking {
    var words = ["release"] + (holdsOpen ? ["--hold-open"] : [])
    if let reason { words.append("--reason=\(reason)") }
    let members =
      (holdsOpen ? [JSON.Member("hold_open", true)] : [])
      + (reason.map { [JSON.Member("reason", .string($0))] } ?? [])
    let steps = latches.map { latch in
      HTTPAsking.Step(
        HTTPAsking.path(["latches", latch, "release"]), .done("released \(latch)"),
        method: "POST", body: .object(members))
    }
    return Asking(words + ["--"] + latches, http: HTTPAsking(steps))
  }

  package static func disable(_ patterns: [String], until: WallTime?, reason: String?) -> Asking {
    var words = ["disable"]
    var members: [JSON.Member] = []
    if let until {
      words += ["--until", Timestamp.rfc3339(until)]
      members.append(JSON.Member("until", .string(Timestamp.rfc3339(until))))
    }
    if let reason {
      words.append("--reason=\(reason)")
      members.append(JSON.Member("reason", .string(reason)))
    }
    let steps = patterns.map { pattern in
      HTTPAsking.Step(
        HTTPAsking.path(["disabled", pattern]), .done("Added to disabled jobs: \(pattern)"),
        method: "PUT", body: .object(members))
    }
    return Asking(words + ["--"] + patterns, http: HTTPAsking(steps))
  }

  package static func enable(_ patterns: [String]) -> Asking {
    let steps = patterns.map { pattern in
      HTTPAsking.Step(
        HTTPAsking.path(["disabled", pattern]), .done("Removed from disabled jobs: \(pattern)"),
        method: "DELETE")
    }
    return Asking(["enable", "--"] + patterns, http: HTTPAsking(steps))
  }
}
