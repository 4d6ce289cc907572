import Events
import Glibc
import TestSupport
import Testing

/// What REST tells is what the command line tells, field for field and in the same order.
@Suite(.temporaryDirectory) struct DocumentsTests {
  /// What REST has beside the command line's documents.
  private static let additional: Set = [
    "_links", "id", "lifecycle", "parameters", "user_params", "exec_error",
  ]

  /// Times that go on while somebody asks twice.
  private static let moving: Set = ["run_seconds"]

  private func own(_ document: JSON, without left: Set<String> = []) -> JSON {
    .object(
      (document.members ?? []).filter { !Self.additional.contains($0.key) }
        .map { JSON.Member($0.key, without(left, $0.value)) }
        .filter { !left.contains($0.key) })
  }

  /// Those ahead of one that waits run on too.
  private func without(_ left: Set<String>, _ json: JSON) -> JSON {
    switch json {
    case .array(let values) where !left.isEmpty: .array(values.map { without(left, $0) })
    case .object(let members) where !left.isEmpty:
      .object(
        members.filter { !left.contains($0.key) }
          .map { JSON.Member($0.key, without(left, $0.value)) })
    default: json
    }
  }

  private func embedded(_ server: TarosProgram, _ target: String, _ name: String) throws -> [JSON] {
    try #require(try server.get(target).expect(200).json()["_embedded"]?[name]?.array)
  }

  private func documents(_ taro: TaroProgram, _ arguments: String...) throws -> [JSON] {
    let result = try taro.start(bytes: arguments.map { Array($0.utf8) }).finish().expect(code: 0)
    return try result.lines.map { try JSON(parsing: $0) }
  }

  /// Instances of every kind and each state that one may end in: completed, failed, with a signal, skipped, disabled, not to be started, with warnings,
  /// parameters, an environment, progress, tries, and one that is asked to end.
  private func fill(_ taro: TaroProgram) throws {
    _ = try taro.run("exec", "--id", "ok", "--param", "tape=4", "--record-env=HOME", "echo", "out")
    _ = try taro.run("exec", "--id", "ok", "sh", "-c", "echo a >&2; echo '50% [5/10]'")
    _ = try taro.run(
      "exec", "--id", "bad", "--warn-output", "full", "sh", "-c", "echo it is full; exit 3")
    _ = try taro.run("exec", "--id", "bad", "sh", "-c", "kill -SEGV $$")
    _ = try taro.run("exec", "--id", "bad", "/nowhere/at/all")
    _ = try taro.run("exec", "--id", "bad", "--retry", "1", "false")
    _ = try taro.run("exec", "--id", "dry", "--dry-run", "true")
    for state in InstanceState.allCases where state.isTerminal {
      let word = state.rawValue.lowercased()
      _ = try taro.run("exec", "--id", "ends/\(word)", "--dry-run=\(word)", "true")
    }
    _ = try taro.run("exec", "--id", "uncaptured", "-b", "true")
    try taro.run("disable", "off*", "--reason", "because").expect(code: 0)
    _ = try taro.run("exec", "--id", "off/1", "true")
  }

  @Test func `instances, their events and statistics are those of taro ps, hist, show and stats`()
    throws
  {
    let taro = try TaroProgram()
    try fill(taro)
    let running = try taro.start(
      "exec", "--id", "live", "-g", "one", "-m", "1", "sh", "-c", "echo begun; exec sleep 1000")
    try eventually("it runs") {
      try taro.run("ps", "-f", "jsonl").text.contains(#""status":"begun""#)
    }
    let waiting = try taro.start("exec", "--id", "waits", "--pending", "go", "true")
    let queued = try taro.start("exec", "--id", "queued", "-g", "one", "-m", "1", "true")
    let all = [running, waiting, queued]
    try eventually("all three are live") {
      let states = try documents(taro, "ps", "-f", "jsonl").map { $0["state"]?.string ?? "" }
      return states.sorted() == ["PENDING", "RUNNING", "WAITING"]
    }
    let server = try TarosProgram(taro)

    let ended = try documents(taro, "hist", "-f", "jsonl")
    let states = Set(ended.compactMap { $0["state"]?.string })
    #expect(states == Set(InstanceState.allCases.filter(\.isTerminal).map(\.rawValue)))
    #expect(try embedded(server, "/instances?finished", "instances").map { own($0) } == ended)
    let live = try documents(taro, "ps", "-f", "jsonl").map { own($0, without: Self.moving) }
    let asked = try embedded(server, "/instances?order=asc", "instances")
    #expect(asked.map { own($0, without: Self.moving) } == live)
    // What moves is there all the same.
    #expect(try asked.at(0)["run_seconds"]?.number ?? 0 > 0)

    for document in try embedded(server, "/instances?include=all", "instances") {
      let id = try #require(document["instance"]?.string)
      let shown = try JSON(parsing: try taro.run("show", id, "-f", "json").expect(code: 0).text)
      let alone = try server.get("/instances/\(id)").expect(200).json()
      #expect(own(alone, without: Self.moving) == own(shown, without: Self.moving))
      #expect(own(document, without: Self.moving) == own(shown, without: Self.moving))
      try expectOriginal(alone)
      let events = try taro.events().filter { $0.instance?.text == id }
      let lines = try server.get("/instances/\(id)/events").expect(200)
      #expect(lines["content-type"] == "application/x-ndjson")
      #expect(lines.text == events.map { TestSupport.EventLine.text($0) + "\n" }.joined())
    }

    let statistics = try documents(taro, "stats", "-f", "jsonl")
    #expect(statistics.count == 5 + InstanceState.allCases.count(where: \.isTerminal))
    for document in statistics {
      let job = try #require(document["job"]?.string)
      let path = "/jobs/\(job.split(separator: "/").joined(separator: "%2F"))/stats"
      #expect(own(try server.get(path).expect(200).json()) == document)
    }
    for process in all { process.signal(SIGTERM) }
    for process in all { _ = try process.finish() }
  }

  @Test
  func
    `events, what is disabled, host and ledger are those of taro listen, list-disabled, hostinfo and ledger`()
    throws
  {
    let taro = try TaroProgram()
    try fill(taro)
    try taro.run("disable", "z", "--until", "2099-01-01").expect(code: 0)
    let server = try TarosProgram(taro)
    try server.put("/disabled/a%2Fb", body: #"{"reason":"over HTTP"}"#).expect(202)

    let count = try taro.events().count
    let listening = try taro.start("listen", "--all", "-f", "jsonl", "--since", "0")
    let told = try (0..<count).map { _ in try listening.readLine() }
    listening.signal(SIGTERM)
    try listening.finish().expect(code: 0)
    try expect(server.get("/events").expect(200).text, is: told.map { $0 + "\n" }.joined())
    let stream = try server.listen()
    try expect(stream.next(count).map(\.data), is: told)

    let disabled = try documents(taro, "list-disabled", "-f", "jsonl")
    #expect(disabled.count == 3)
    let asked = try embedded(server, "/disabled", "disabled")
    #expect(asked.map { own($0) } == disabled)
    for document in asked {
      let href = try #require(document["_links"]?["self"]?["href"]?.string)
      try expect(server.get(href).expect(200).json(), is: document)
    }

    // When it was booted is computed from two clocks, which are not read at the same moment.
    let host = try JSON(parsing: try taro.run("hostinfo", "-f", "json").expect(code: 0).text)
    let hosted = try server.get("/hostinfo").expect(200).json()
    #expect(own(hosted, without: ["booted_at"]) == own(host, without: ["booted_at"]))
    #expect(hosted["booted_at"]?.string != nil && host["booted_at"]?.string != nil)

    let ledger = try server.get("/ledger").expect(200).json()
    let info = try JSON(parsing: try taro.run("ledger", "info", "-f", "json").expect(code: 0).text)
    #expect(ledger["id"] == info["ledger_id"])
    #expect(ledger["head"] == info["events"])
    let head = "\(ledger["digest"]?.string ?? "")@\(ledger["head"]?.integer ?? 0)"
    #expect(head == info["head"]?.string)
    let bytes = (info["database_bytes"]?.integer ?? 0) + (info["wal_bytes"]?.integer ?? 0)
    #expect(ledger["size"]?.integer == bytes)
  }

  /// What clients of the original read says the same as the document.
  private func expectOriginal(_ document: JSON) throws {
    #expect(document["id"]?["job_id"] == document["job"])
    #expect(document["id"]?["instance_id"] == document["instance"])
    #expect(document["user_params"] == document["params"])
    #expect(document["parameters"] == .array([.strings(["execution", "program"])]))
    let lifecycle = try #require(document["lifecycle"])
    let transitions = try #require(document["transitions"]?.array)
    let changes = transitions.map { transition in
      JSON.object([
        JSON.Member("state", transition["state"] ?? .null),
        JSON.Member("changed", transition["at"] ?? .null),
      ])
    }
    let wasStarted = document["started_at"] != .null
    let expected: [(String, JSON?)] = [
      ("state", document["state"]), ("state_changes", .array(changes)),
      ("created", document["created_at"]), ("last_changed", transitions.last?["at"]),
      ("execution_started", document["started_at"]),
      ("execution_finished", wasStarted ? document["ended_at"] : .null),
      ("execution_time", document["run_seconds"]),
    ]
    #expect(lifecycle == .object(expected.map { JSON.Member($0.0, $0.1 ?? .null) }))
    if document["group"] == "failure" {
      let message =
        document["exit_code"]?.integer.map { "Process returned non-zero code \($0)" }
        ?? document["reason"]?.string
      #expect(document["exec_error"]?["message"]?.string == message)
      #expect(document["exec_error"]?["state"] == document["state"])
    } else {
      #expect(document["exec_error"] == .null)
    }
  }

  @Test func `a job's counts and last run are those of its instances`() throws {
    let taro = try TaroProgram()
    try fill(taro)
    let server = try TarosProgram(taro)
    let jobs = try embedded(server, "/jobs", "jobs")
    let names = jobs.compactMap { $0["job"]?.string }.filter { !$0.hasPrefix("ends/") }
    #expect(names == ["bad", "dry", "off/1", "ok", "uncaptured"])
    for job in jobs {
      let links = try #require(job["_links"])
      let own = try #require(links["self"]?["href"]?.string)
      #expect(try server.get(own).expect(200).json() == job)
      let instances = try embedded(
        server, try #require(links["instances"]?["href"]?.string), "instances")
      for group in ["completed", "not_completed", "not_executed", "failure"] {
        // Rehearsals are no runs of the job.
        let isRehearsed = ["dry", "ends"].contains(job["job"]?.string?.prefix { $0 != "/" } ?? "")
        let count = isRehearsed ? 0 : instances.count { $0["group"]?.string == group }
        #expect(job["counts"]?[group]?.integer == Int64(count), "\(job)")
      }
      #expect(job["counts"]?["live"] == 0)
      let newest = try instances.at(0)
      let last = try #require(job["last_run"])
      for key in [
        "instance", "state", "group", "reason", "created_at", "started_at", "ended_at",
        "run_seconds", "exit_code",
      ] {
        #expect(last[key] == newest[key], "\(key)")
      }
      try server.get(try #require(last["_links"]?["self"]?["href"]?.string)).expect(200)
      try server.get(try #require(links["stats"]?["href"]?.string)).expect(200)
    }
    let off = try server.get("/jobs/off%2F1").json()
    #expect(off["disabled"] == "off*")
  }
}
