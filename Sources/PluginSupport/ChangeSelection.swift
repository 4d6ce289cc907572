package import Events

/// The changes that a channel tells, of jobs that match.
package struct ChangeSelection: Sendable {
  private let kinds: Set<JobChange.Kind>
  private let jobs: [Pattern]

  init(
    changes: [String], jobs: [String], prefix: String = ""
  ) throws(PluginError) {
    var chosen: Set<JobChange.Kind> = []
    for name in changes {
      if name == "all" {
        chosen.formUnion(JobChange.Kind.allCases)
        continue
      }
      guard let kind = JobChange.Kind(rawValue: name) else {
        let known = (["all"] + JobChange.Kind.allCases.map(\.rawValue)).joined(separator: ", ")
        throw .settings("\(prefix)changes: there is no change \"\(name)\"; there are: \(known)")
      }
      chosen.insert(kind)
    }
    kinds = chosen
    self.jobs = jobs.map { Pattern($0) }
  }

  package var isEmpty: Bool { kinds.isEmpty }

  package func takes(_ kind: JobChange.Kind, of job: String) -> Bool {
    kinds.contains(kind) && (jobs.isEmpty || jobs.contains { $0.matches(job: job) })
  }
}

extension PluginConfiguration {
  /// The settings `changes` and `jobs`.
  package func changes(default changes: [String]) throws(PluginError) -> ChangeSelection {
    try ChangeSelection(
      changes: try words("changes") ?? changes, jobs: try words("jobs") ?? [], prefix: prefix)
  }
}
