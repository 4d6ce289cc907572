internal import ArgumentParser
internal import CommandLineKit
internal import Events
internal import Linux
internal import Operations
internal import Projections
internal import Settings

/// Completions of the arguments of taro's commands. Each is asked for when somebody presses the key, and never while a
/// command runs.
extension CompletionKind {
  /// Jobs and instances that are live.
  static var liveInstances: CompletionKind {
    .ledger { view, prefix in Candidates.instances(try view.liveForCompletion(), prefix) }
  }

  /// Jobs that have ever been run, live instances and the newest of the others.
  static var instances: CompletionKind {
    .ledger { view, prefix in
      let jobs = try view.projections.jobs(withPrefix: prefix, limit: Candidates.limit)
      let records = try view.liveForCompletion() + view.endedForCompletion()
      return jobs.map { Candidate($0, note: "job") }
        + Candidates.instances(records, prefix).filter { !jobs.contains($0.text) }
    }
  }

  /// Jobs that have ever been run.
  static var jobs: CompletionKind {
    .ledger { view, prefix in
      try view.projections.jobs(withPrefix: prefix, limit: Candidates.limit)
        .map { Candidate($0, note: "job") }
    }
  }

  /// Patterns that are disabled.
  static var disabledPatterns: CompletionKind {
    .ledger { view, _ in
      try DisabledJobs(reader: view.reader).inForce(at: .now)
        .map { Candidate($0.disabled.pattern, note: "disabled") }
    }
  }

  /// Jobs of which something is expected.
  static var expectedJobs: CompletionKind {
    .ledger { view, _ in
      try ExpectedJobs(reader: view.reader).entries.map { Candidate($0.job, note: "expected") }
    }
  }

  /// Latches that somebody waits for.
  static var awaitedLatches: CompletionKind {
    .ledger { view, _ in
      try view.liveForCompletion().compactMap { record in
        guard record.state == .pending, let latch = record.waitCause?.latch else { return nil }
        return Candidate(latch, note: "\(record.name) waits")
      }
    }
  }

  /// Latches that somebody waits for or has waited for lately.
  static var latches: CompletionKind {
    .ledger { view, _ in
      try (view.liveForCompletion() + view.endedForCompletion()).compactMap { record in
        record.created.gates.latch.map { Candidate($0, note: "latch of \(record.job)") }
      }
    }
  }

  /// Groups that runs were counted in lately.
  static var executionGroups: CompletionKind {
    .ledger { view, _ in
      try (view.liveForCompletion() + view.endedForCompletion()).compactMap { record in
        record.created.executionGroup.map { Candidate($0, note: "group of \(record.job)") }
      }
    }
  }

  /// Asks the ledger that the options on the command line name. None, or one that cannot be read, offers nothing; none
  /// is made.
  private static func ledger(
    _ find: @escaping @Sendable (LedgerSession, _ prefix: String) throws -> [Candidate]
  ) -> CompletionKind {
    .custom { words, _, prefix in
      guard let options = try? LedgerOption.parse(words.dropLast()),
        let view = try? options.viewForCompletion(), let found = try? find(view, prefix)
      else { return [] }
      return found.filter(\.isOfferable).map(\.line)
    }
  }
}

extension LedgerOption {
  /// Says nothing, and leaves runs that were lost to those who ask for them.
  fileprivate func viewForCompletion() throws -> LedgerSession {
    try LedgerSession(try directory(try configuration.loaded().configuration))
  }
}

extension LedgerSession {
  /// The newest live instances, newest first.
  fileprivate func liveForCompletion() throws -> [InstanceRecord] {
    try newest(.live)
  }

  /// The newest ended instances, newest first.
  fileprivate func endedForCompletion() throws -> [InstanceRecord] {
    try newest(.ended)
  }

  private func newest(_ include: InstanceQuery.Include) throws -> [InstanceRecord] {
    var query = InstanceQuery(include)
    query.limit = Candidates.limit
    return try projections.records(query)
  }
}
