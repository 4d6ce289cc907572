package import Events
package import Ledger

/// The document of an instance: what `--format json` and REST give. docs/json.md is its contract.
package enum InstanceDocument {
  /// - Parameter bootNow: microseconds since boot, for how long a live instance has been running.
  package static func json(_ record: InstanceRecord, bootNow: Int64) -> JSON {
    let created = record.created
    let ending = record.ending
    return .object([
      member("job", .string(record.job)),
      member("instance", .string(record.instance.text)),
      member("state", .string(record.state.rawValue)),
      member("group", .string(record.state.group.rawValue)),
      member("reason", string(ending?.reason)),
      member("still_running", .bool(record.isStillRunning)),
      member("paused_by", string(record.pausedBy)),
      member("command", .strings(created.command)),
      member("cwd", .string(created.cwd)),
      member("user", .string(created.user)),
      member("host", .string(created.host)),
      member("runner_pid", .integer(created.runnerPID)),
      member("pid", record.running.map { .integer($0.pid) } ?? .null),
      member("created_at", time(record.createdAt)),
      member("started_at", time(record.startedAt)),
      member("ended_at", time(record.endedAt)),
      member("run_seconds", seconds(record.runMicroseconds(bootNow: bootNow))),
      member("exit_code", ending?.exitCode.map { .integer($0) } ?? .null),
      member("signal", string(ending?.signal)),
      member("status", string(record.status)),
      member("progress", record.progress.map(progress) ?? .null),
      member("warnings", .array(record.warnings.map(warning))),
      member("params", .object(created.params)),
      member("usage", ending?.usage.map(usage) ?? .null),
      member("output", created.bypassesOutput ? .null : output(record)),
      member(
        "transitions",
        .array(
          record.transitions.map {
            .object([
              member("state", .string($0.state.rawValue)), member("at", time($0.at)),
              member("seq", .integer($0.seq)),
            ])
          })),
    ])
  }

  private static func warning(_ warning: Warning) -> JSON {
    .object([
      member("type", .string(warning.kind.rawValue)), member("text", .string(warning.text)),
      member("count", .integer(warning.count)), member("last", string(warning.last)),
      member("unmatched_bytes", .integer(warning.unmatchedBytes)),
    ])
  }

  private static func progress(_ progress: Progress) -> JSON {
    let known = progress.json
    return .object(
      ["done", "total", "percent"].map { member($0, known[$0] ?? .null) })
  }

  private static func usage(_ usage: Ending.Usage) -> JSON {
    .object([
      member("user_seconds", seconds(usage.userMicroseconds)),
      member("system_seconds", seconds(usage.systemMicroseconds)),
      member("max_rss_bytes", usage.maxRSSBytes.map { .integer($0) } ?? .null),
      member("max_rss_below_bytes", usage.maxRSSBelowBytes.map { .integer($0) } ?? .null),
    ])
  }

  private static func output(_ record: InstanceRecord) -> JSON {
    let output = record.output
    return .object([
      member("bytes", .integer(output.bytes)),
      member("stdout_bytes", .integer(output.stdoutBytes)),
      member("stderr_bytes", .integer(output.stderrBytes)),
      member("lines", .integer(output.lines)),
      member("dropped_bytes", .integer(output.droppedBytes)),
      member("one_stream", .bool(record.created.hasOneStream || record.created.hasOwnTerminal)),
      member("removed_at", time(record.outputRemovedAt)),
    ])
  }

  private static func member(_ key: String, _ value: JSON) -> JSON.Member {
    JSON.Member(key, value)
  }

  private static func string(_ text: String?) -> JSON { text.map { .string($0) } ?? .null }

  private static func time(_ microseconds: Int64?) -> JSON {
    string(microseconds.map(Timestamp.rfc3339))
  }

  private static func seconds(_ microseconds: Int64?) -> JSON {
    microseconds.map { .number(Double($0) / 1_000_000) } ?? .null
  }
}

/// The document of an event: what `taro listen -f jsonl` gives, every field of it.
package enum EventDocument {
  /// Of an event that could not be recorded: it has no place and no digest.
  package static func json(unrecorded event: NewEvent) -> JSON {
    .object([
      JSON.Member("seq", .null),
      JSON.Member("at", .string(Timestamp.rfc3339(event.at))),
      JSON.Member("mono", .integer(event.mono)),
      JSON.Member("job", event.job.map { .string($0) } ?? .null),
      JSON.Member("instance", event.instance.map { .string($0.text) } ?? .null),
      JSON.Member("n", .null),
      JSON.Member("kind", .string(event.kind.name)),
      JSON.Member("data", (try? JSON(parsing: event.data)) ?? .object([])),
      JSON.Member("payload", event.output.map { .string($0.payload.description) } ?? .null),
      JSON.Member("digest", .null),
    ])
  }

  package static func json(_ event: Event) -> JSON {
    .object([
      JSON.Member("seq", .integer(event.seq)),
      JSON.Member("at", .string(Timestamp.rfc3339(event.at))),
      JSON.Member("mono", .integer(event.mono)),
      JSON.Member("job", event.job.map { .string($0) } ?? .null),
      JSON.Member("instance", event.instance.map { .string($0.text) } ?? .null),
      JSON.Member("n", event.n.map { .integer($0) } ?? .null),
      JSON.Member("kind", .string(event.kind.name)),
      JSON.Member("data", event.json),
      JSON.Member("payload", event.payload.map { .string($0.description) } ?? .null),
      JSON.Member("digest", .string(event.digest.description)),
    ])
  }
}

/// The document of what was disabled: what `taro list-disabled -f json` gives.
package enum DisabledDocument {
  package static func json(_ entry: DisabledJobs.Entry) -> JSON {
    let disabled = entry.disabled
    return .object([
      JSON.Member("pattern", .string(disabled.pattern)),
      JSON.Member("disabled_at", .string(Timestamp.rfc3339(entry.at))),
      JSON.Member("until", disabled.until.map { .string(Timestamp.rfc3339($0)) } ?? .null),
      JSON.Member("user", .string(disabled.by.user)),
      JSON.Member("host", .string(disabled.by.host)),
      JSON.Member("via", .string(disabled.by.via.rawValue)),
      JSON.Member("reason", disabled.by.reason.map { .string($0) } ?? .null),
    ])
  }
}
