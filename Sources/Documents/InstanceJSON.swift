package import Events

extension InstanceDocument {
  package var json: JSON {
    JSON(document: [
      ("job", .string(job)), ("instance", .string(instance.text)),
      ("state", .string(state.rawValue)), ("group", .string(group.rawValue)),
      ("reason", .text(reason)), ("still_running", .bool(isStillRunning)),
      ("paused_by", .text(pausedBy)), ("waiting", waiting?.json),
      ("command", .strings(command)), ("cwd", .string(cwd)), ("user", .string(user)),
      ("uid", .integer(uid)), ("host", .string(host)), ("parent", .string(parent)),
      ("within", .text(within?.text)), ("runner_pid", .integer(runnerPID)), ("pid", .count(pid)),
      ("created_at", .time(createdAt)), ("started_at", .time(startedAt)),
      ("ended_at", .time(endedAt)), ("run_seconds", .seconds(run)),
      ("exit_code", .count(exitCode)), ("signal", .text(signal)),
      ("core_dumped", .bool(hasDumpedCore)), ("status", .text(status)),
      ("progress", progress?.document), ("warnings", .array(warnings.map(\.document))),
      ("params", .object(params)), ("execution_group", .text(executionGroup)),
      ("gates", gates.document), ("requests", .array(requests.map(\.json))),
      ("evidence", evidence?.document), ("rerun_of", .text(rerunOf)),
      ("retry_of", .text(retryOf)), ("try", .count(attempt)), ("launch", launch.json),
      ("env", env.map { .object($0) }), ("usage", usage?.document), ("output", output?.json),
      ("transitions", .array(transitions.map(\.json))), ("version", .string(version)),
    ])
  }

  package init(_ json: JSON) throws(DocumentError) {
    let fields = try DocumentFields(json)
    self.init(
      job: try fields.string("job"),
      instance: try fields.named("instance", "instance id") { InstanceID($0) },
      state: try fields.state(), createdAt: try fields.time("created_at"))
    reason = try fields.text("reason")
    isStillRunning = try fields.bool("still_running", before: state.group == .executing)
    pausedBy = try fields.text("paused_by")
    waiting = try fields.object("waiting") { (fields) throws(DocumentError) in try Waiting(fields) }
    command = try fields.strings("command")
    cwd = try fields.string("cwd")
    user = try fields.string("user")
    uid = try fields.integer("uid", before: 0)
    host = try fields.string("host")
    parent = try fields.string("parent", before: "")
    within = try fields.text("within").flatMap { InstanceID($0) }
    runnerPID = try fields.integer("runner_pid")
    pid = try fields.count("pid")
    startedAt = try fields.moment("started_at")
    endedAt = try fields.moment("ended_at")
    run = try fields.duration("run_seconds")
    exitCode = try fields.count("exit_code")
    signal = try fields.text("signal")
    hasDumpedCore = try fields.bool("core_dumped", before: false)
    status = try fields.text("status")
    progress = fields.value("progress").flatMap { Progress($0) }
    warnings = try fields.objects("warnings") { (fields) throws(DocumentError) in
      try Warning(fields)
    }
    params = try fields.members("params")
    executionGroup = try fields.text("execution_group")
    gates =
      try fields.object("gates") { (fields) throws(DocumentError) in try Gates(fields) } ?? Gates()
    requests = try fields.objects("requests", before: []) { (fields) throws(DocumentError) in
      try Request(fields)
    }
    evidence = try fields.object("evidence") { (fields) throws(DocumentError) in
      try Ending.Evidence(fields)
    }
    rerunOf = try fields.text("rerun_of")
    retryOf = try fields.text("retry_of")
    attempt = try fields.count("try")
    launch =
      try fields.object("launch") { (fields) throws(DocumentError) in try Launch(fields) }
      ?? Launch()
    env = fields.value("env")?.members
    usage = try fields.object("usage") { (fields) throws(DocumentError) in
      try Ending.Usage(fields)
    }
    output = try fields.object("output") { (fields) throws(DocumentError) in try Output(fields) }
    transitions = try fields.objects("transitions") { (fields) throws(DocumentError) in
      try Transition(fields)
    }
    version = try fields.string("version", before: "")
  }
}

extension DocumentFields {
  func state(_ key: String = "state") throws(DocumentError) -> InstanceState {
    try named(key, "state that this version knows") { InstanceState(rawValue: $0) }
  }
}

extension InstanceDocument.Waiting {
  var json: JSON {
    JSON(document: [
      ("latch", .text(latch)), ("until", .time(until)), ("after", .strings(after)),
      ("execution_group", .text(executionGroup)), ("limit", .count(limit)),
      ("place", .count(place)), ("ahead_count", .count(aheadCount)),
      ("ahead", .array(ahead.map(\.json))),
    ])
  }

  init(_ fields: DocumentFields) throws(DocumentError) {
    latch = try fields.text("latch")
    until = try fields.moment("until")
    after = try fields.strings("after")
    executionGroup = try fields.text("execution_group")
    limit = try fields.count("limit")
    place = try fields.count("place")
    aheadCount = try fields.count("ahead_count")
    ahead = try fields.objects("ahead") { (fields) throws(DocumentError) in
      InstanceDocument.Ahead(
        name: try fields.string("name"), state: try fields.state(),
        run: try fields.duration("run_seconds"))
    }
  }
}

extension InstanceDocument.Ahead {
  var json: JSON {
    JSON(document: [
      ("name", .string(name)), ("state", .string(state.rawValue)), ("run_seconds", .seconds(run)),
    ])
  }
}

extension InstanceDocument.Request {
  var json: JSON {
    JSON(
      document: [
        ("kind", .string(kind.name)), ("at", .time(at)), ("seq", .seq(seq)),
        ("signal", .string(signal)),
      ] + by.document + [("error", .text(error))])
  }

  init(_ fields: DocumentFields) throws(DocumentError) {
    self.init(
      kind: EventKind(name: try fields.string("kind")), at: try fields.time("at"),
      seq: try fields.seq("seq"), signal: try fields.string("signal"),
      by: try Requester(fields), error: try fields.text("error"))
  }
}

extension InstanceDocument.Launch {
  var json: JSON {
    JSON(document: [
      ("umask", .string(umask)), ("nice", .count(nice)), ("timeout_seconds", .seconds(timeout)),
      ("kill_after_seconds", .seconds(killAfter)), ("die_with_taro", .bool(diesWithTaro)),
      ("pty", .bool(hasOwnTerminal)), ("dry_run", .bool(isDryRun)), ("kept", .bool(isKept)),
      ("split", .text(split)), ("uncaptured", .strings(uncaptured)),
      ("env_set", .strings(envSet)),
    ])
  }

  init(_ fields: DocumentFields) throws(DocumentError) {
    umask = try fields.string("umask")
    nice = try fields.count("nice")
    timeout = try fields.duration("timeout_seconds")
    killAfter = try fields.duration("kill_after_seconds")
    diesWithTaro = try fields.bool("die_with_taro")
    hasOwnTerminal = try fields.bool("pty")
    isDryRun = try fields.bool("dry_run")
    isKept = try fields.bool("kept")
    split = try fields.text("split")
    uncaptured = try fields.strings("uncaptured")
    envSet = try fields.strings("env_set")
  }
}

extension InstanceDocument.Output {
  var json: JSON {
    JSON(document: [
      ("bytes", .integer(totals.bytes)), ("stdout_bytes", .integer(totals.stdoutBytes)),
      ("stderr_bytes", .integer(totals.stderrBytes)), ("lines", .integer(totals.lines)),
      ("dropped_bytes", .integer(totals.droppedBytes)), ("one_stream", .bool(isOneStream)),
      ("left_open", .bool(isLeftOpen)), ("removed_at", .time(removedAt)),
    ])
  }

  init(_ fields: DocumentFields) throws(DocumentError) {
    totals = OutputTotals()
    totals.stdoutBytes = try fields.integer("stdout_bytes")
    totals.stderrBytes = try fields.integer("stderr_bytes")
    totals.lines = try fields.integer("lines")
    totals.droppedBytes = try fields.integer("dropped_bytes")
    isOneStream = try fields.bool("one_stream", before: false)
    isLeftOpen = try fields.bool("left_open", before: false)
    removedAt = try fields.moment("removed_at")
  }
}

extension InstanceDocument.Transition {
  var json: JSON {
    JSON(document: [
      ("state", .string(state.rawValue)), ("at", .time(at)), ("seq", .seq(seq)),
    ])
  }

  init(_ fields: DocumentFields) throws(DocumentError) {
    self.init(
      state: try fields.state(), at: try fields.time("at"), seq: try fields.seq("seq"))
  }
}
