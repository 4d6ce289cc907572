/// The conditions that decide whether an instance may start, must wait, or must not run: `gates` in the data of
/// `created`.
package struct Gates: Equatable, Sendable {
  /// Time to wait first, microseconds.
  package var delay: Int64?
  package var notBefore: WallTime?
  package var latch: String?
  /// Patterns of instances that must have ended first.
  package var after: [String] = []
  /// The same, and they must have completed.
  package var afterSuccess: [String] = []
  /// Patterns of which one must match a live instance.
  package var dependsOn: [String] = []
  /// Not beside another instance of the same job.
  package var noOverlap = false
  /// The largest number of instances of the group that may be live at once.
  package var limit: Int64?
  /// The instances of the same job that are live are asked to end first.
  package var replaces = false
  /// Not when the job has completed within so long a time before, microseconds.
  package var notWithin: Int64?
  /// The longest time that is waited for others or a latch, microseconds.
  package var patience: Int64?

  package init() {}

  /// Nothing stands in the way.
  package var isEmpty: Bool { self == Gates() }

  /// More than time has to be asked for.
  package var needLedger: Bool {
    var others = self
    others.delay = nil
    others.notBefore = nil
    others.patience = nil
    return !others.isEmpty
  }

  package init(_ json: JSON) {
    delay = json["delay_us"]?.integer
    notBefore = json["not_before"]?.wallTime
    latch = json["latch"]?.string
    after = Self.strings(json["after"])
    afterSuccess = Self.strings(json["after_success"])
    dependsOn = Self.strings(json["depends_on"])
    noOverlap = json["no_overlap"]?.bool ?? false
    limit = json["limit"]?.integer
    replaces = json["replace"]?.bool ?? false
    notWithin = json["not_within_us"]?.integer
    patience = json["patience_us"]?.integer
  }

  package var json: JSON {
    .object(omittingNil: [
      ("delay_us", delay.map { .integer($0) }),
      ("not_before", notBefore.map { .microseconds($0) }),
      ("latch", latch.map { .string($0) }),
      ("after", after.isEmpty ? nil : .strings(after)),
      ("after_success", afterSuccess.isEmpty ? nil : .strings(afterSuccess)),
      ("depends_on", dependsOn.isEmpty ? nil : .strings(dependsOn)),
      ("no_overlap", noOverlap ? true : nil),
      ("limit", limit.map { .integer($0) }),
      ("replace", replaces ? true : nil),
      ("not_within_us", notWithin.map { .integer($0) }),
      ("patience_us", patience.map { .integer($0) }),
    ])
  }

  private static func strings(_ json: JSON?) -> [String] {
    (json?.array ?? []).compactMap(\.string)
  }
}

/// The thing that an instance waits for: the data of `pending` (a latch) and `waiting` (one of the others).
package struct WaitCause: Equatable, Sendable {
  package var latch: String?
  package var until: WallTime?
  /// Instances that have to end, as job@instance.
  package var after: [String] = []
  /// A free place in this group; `group` in ledgers of 0.1.0.
  package var executionGroup: String?
  package var limit: Int64?
  /// The nearest of those ahead in the group, as job@instance, the nearest last.
  package var ahead: [String] = []
  /// The number of instances that are ahead in the group.
  package var aheadCount: Int64?

  package init() {}

  package init(_ json: JSON) {
    latch = json["latch"]?.string
    until = json["until"]?.wallTime
    after = (json["after"]?.array ?? []).compactMap(\.string)
    executionGroup = (json["execution_group"] ?? json["group"])?.string
    limit = json["limit"]?.integer
    ahead = (json["ahead"]?.array ?? []).compactMap(\.string)
    aheadCount = json["ahead_count"]?.integer
  }

  /// True when both wait for the same thing, though others may be ahead by now.
  package func isSameKind(as other: WaitCause) -> Bool {
    latch == other.latch && (until == nil) == (other.until == nil)
      && after.isEmpty == other.after.isEmpty && executionGroup == other.executionGroup
  }

  package var json: JSON {
    .object(omittingNil: [
      ("latch", latch.map { .string($0) }),
      ("until", until.map { .microseconds($0) }),
      ("after", after.isEmpty ? nil : .strings(after)),
      ("execution_group", executionGroup.map { .string($0) }),
      ("limit", limit.map { .integer($0) }),
      ("ahead", ahead.isEmpty ? nil : .strings(ahead)),
      ("ahead_count", aheadCount.map { .integer($0) }),
    ])
  }
}
