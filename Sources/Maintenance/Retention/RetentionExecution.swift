package import Events
package import Ledger

/// Carries out a `RetentionPlan`, or tells what it would do.
package struct RetentionExecution {
  /// The outcome: what was dropped, or would be.
  package struct Report: Equatable, Sendable {
    package struct Line: Equatable, Sendable {
      package let what: Retained.What
      package let rule: Retained.Rule
      package internal(set) var counts = Retained.Counts()
    }

    /// A line for each rule that something was dropped by.
    package internal(set) var lines: [Line] = []
    /// Bytes of the database, without free pages.
    package internal(set) var bytesBefore: Int64 = 0
    package internal(set) var bytesAfter: Int64 = 0

    mutating func add(_ counts: Retained.Counts, _ what: Retained.What, _ rule: Retained.Rule) {
      guard counts.instances > 0 else { return }
      if let index = lines.firstIndex(where: { $0.what == what && $0.rule == rule }) {
        lines[index].counts += counts
      } else {
        lines.append(Line(what: what, rule: rule, counts: counts))
      }
    }
  }

  private let plan: RetentionPlan
  private let reader: LedgerReader
  private var report = Report()

  private init(_ plan: RetentionPlan, _ reader: LedgerReader) {
    self.plan = plan
    self.reader = reader
  }

  /// Drops it, turn by turn, and gives back the space. On disk when it returns. What is left to do when it is stopped is
  /// done by the next.
  /// - Parameters:
  ///   - progress: instances so far, of all.
  ///   - isTimeOver: asked before each turn.
  package static func carryOut(
    _ plan: RetentionPlan, through writer: LedgerWriter, by requester: Requester,
    progress: (LedgerProgress) -> Void = { _ in }, isTimeOver: () -> Bool = { false }
  ) throws(LedgerError) -> Report {
    let retention = Retention(writer, by: requester)
    var run = RetentionExecution(plan, writer.reader)
    run.report.bytesBefore = try writer.reader.usedBytes()
    var done: Int64 = 0
    for part in plan.parts {
      var rest = part.instances[...]
      while !rest.isEmpty, !isTimeOver() {
        let step = try run.drop(rest, part, retention)
        rest = rest.dropFirst(step)
        done += Int64(step)
        progress(LedgerProgress(done: done, total: Int64(plan.dropped)))
      }
    }
    try run.makeSpace(retention, isTimeOver)
    // Also what others have left.
    _ = try retention.dropNext(.output, .size, of: [])
    while try retention.giveBackNext(), !isTimeOver() {}
    try retention.finish()
    run.report.bytesAfter = try writer.reader.usedBytes()
    return run.report
  }

  /// Returns how many of the instances are done with.
  private mutating func drop(
    _ instances: ArraySlice<InstanceID>, _ part: RetentionPlan.Part, _ retention: Retention
  ) throws(LedgerError) -> Int {
    let step = try retention.dropNext(part.what, part.rule, of: instances)
    if !step.wasUnfinished { report.add(step.counts, part.what, part.rule) }
    return step.done
  }

  private mutating func makeSpace(
    _ retention: Retention, _ isTimeOver: () -> Bool
  ) throws(LedgerError) {
    guard let most = plan.maxBytes else { return }
    for part in plan.forSpace {
      var rest = part.instances[...]
      while !rest.isEmpty {
        let excess = try reader.usedBytes() - most
        guard excess > 0, !isTimeOver() else { return }
        var chosen = try enough(rest, part.what, for: excess)
        rest = rest.dropFirst(chosen.count)
        while !chosen.isEmpty, !isTimeOver() {
          chosen = chosen.dropFirst(try drop(chosen, part, retention))
        }
      }
    }
  }

  /// As many, from the first on, as should be enough: one turn's worth at most, and then the size is looked at.
  private func enough(
    _ instances: ArraySlice<InstanceID>, _ what: Retained.What, for bytes: Int64
  ) throws(LedgerError) -> ArraySlice<InstanceID> {
    var left = bytes
    var count = 0
    for instance in instances.prefix(Retention.Budget().instances) {
      guard left > 0 else { break }
      left -= try reader.weight(of: instance, what).bytesFreed
      count += 1
    }
    return instances.prefix(count)
  }

  /// Tells what `carryOut` would drop. Sizes are estimates. Reads every event that would go: some 10 us an instance.
  package static func estimate(
    _ plan: RetentionPlan, _ reader: LedgerReader
  ) throws(LedgerError) -> Report {
    var run = RetentionExecution(plan, reader)
    run.report.bytesBefore = try reader.usedBytes()
    var bytes = run.report.bytesBefore
    for part in plan.parts {
      for instance in part.instances { bytes -= try run.weigh(instance, part) }
    }
    var withoutOutput: Set<InstanceID> = []
    if let most = plan.maxBytes {
      for part in plan.forSpace {
        for instance in part.instances where bytes > most {
          let hasOutput = part.what == .output || !withoutOutput.contains(instance)
          bytes -= try run.weigh(instance, part, hasOutput: hasOutput)
          if part.what == .output { withoutOutput.insert(instance) }
        }
      }
    }
    run.report.bytesAfter = max(0, bytes)
    return run.report
  }

  private mutating func weigh(
    _ instance: InstanceID, _ part: RetentionPlan.Part, hasOutput: Bool = true
  ) throws(LedgerError) -> Int64 {
    var weight = try reader.weight(of: instance, part.what)
    // What went as output does not go a second time.
    if !hasOutput { weight.forgetOutput() }
    report.add(weight.counts, part.what, part.rule)
    return weight.bytesFreed
  }
}
