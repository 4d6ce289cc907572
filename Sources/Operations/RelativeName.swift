package import Events
internal import Projections
internal import Settings

/// A name that counts from another one: `backup~1` is the run before the one that `backup` means, `backup~good` the last
/// that completed, `backup~failed` the last failure. Of a run that is named, the runs before it. Rehearsals are not counted.
struct RelativeName {
  enum Step: Equatable {
    case back(Int)
    case good
    case failed
  }

  let base: String
  let step: Step

  /// Fails for what is no such name.
  init?(_ text: String) {
    guard let tilde = text.lastIndex(of: "~"), tilde != text.startIndex else { return nil }
    let word = text[text.index(after: tilde)...]
    switch word {
    case "good": step = .good
    case "failed": step = .failed
    default:
      guard (1...9).contains(word.utf8.count), let number = Int(word), number >= 0 else {
        return nil
      }
      step = .back(number)
    }
    base = String(text[..<tilde])
  }
}

extension LedgerSession {
  /// The instance of a relative name.
  /// - Parameter start: what the base of the name leads to.
  func instance(
    _ name: RelativeName, from start: InstanceRecord
  ) throws -> InstanceRecord? {
    let namesJob = !Pattern(name.base).namesInstance(job: start.job, instance: start.instance)
    switch name.step {
    case .good, .failed:
      let states = Set(
        InstanceState.allCases.filter {
          name.step == .good ? $0 == .completed : $0.group == .failure
        })
      return try projections.newest(
        ofJob: start.job, in: states, before: namesJob ? nil : start)
    case .back(let number):
      guard number > 0 else { return start }
      var query = InstanceQuery(.all)
      query.job = start.job
      query.states = Set(InstanceState.allCases.filter { $0.group != .notExecuted })
      var left: Int?
      var found: InstanceRecord?
      try projections.forEach(query) { record in
        guard record.instance == start.instance || !record.isRehearsal else { return true }
        if let count = left {
          left = count - 1
          if count == 1 { found = record }
        } else if record.instance == start.instance {
          left = number
        }
        return found == nil
      }
      return found
    }
  }

  /// These, where what a person may write in place of a pattern and patterns do not know is replaced by the instance that it
  /// leads to: `backup~1`, and the last characters of an instance id.
  /// - Throws: `NameError.ambiguous`.
  package func resolved(_ patterns: [Pattern]) throws -> [Pattern] {
    try patterns.map { pattern in
      let name = pattern.text
      guard !pattern.isGlob, RelativeName(name) != nil || InstanceID.isPrefix(name) else {
        return pattern
      }
      var query = InstanceQuery(.all, [pattern])
      query.limit = 1
      guard try projections.page(query).records.isEmpty else { return pattern }
      do { return Pattern(try instance(named: name).instance.text) } catch NameError.nothing {
        return pattern
      }
    }
  }

  /// The same for who asks of what there is: a name without wildcards has to be one that is known.
  /// - Throws: `NameError`.
  package func known(_ patterns: [Pattern]) throws -> [Pattern] {
    let patterns = try resolved(patterns)
    for pattern in patterns where !pattern.isGlob {
      var query = InstanceQuery(.all, [pattern])
      query.limit = 1
      guard try projections.page(query).records.isEmpty,
        try projections.records(InstanceQuery(.leftBehind, [pattern])).isEmpty,
        // It has never run.
        try !ExpectedJobs(reader: reader).entries.contains(where: { $0.job == pattern.text })
      else { continue }
      throw NameError.nothing(pattern.text)
    }
    return patterns
  }

  /// Jobs that are looked through for one whose name is nearly the same.
  private static let mostJobs = 10_000

  /// The job that was meant by a name that nothing has; nil where none is near enough.
  package func nearest(to name: String) throws -> String? {
    EditDistance.nearest(
      to: name, among: try projections.jobs(withPrefix: "", limit: Self.mostJobs))
  }
}
