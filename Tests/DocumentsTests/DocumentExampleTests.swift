import Events
import TestSupport
import Testing

@testable import Documents

/// The examples of docs/json.md keep its own promises, and are read and written by our types as they stand there.
@Suite("docs/json.md") struct DocumentExampleTests {
  private func example(_ kind: String) throws -> JSON {
    var contract = try JSONContract("The \(kind) document")
    let example = try JSON(parsing: contract.example)
    #expect(contract.check(example) == [])
    return example
  }

  @Test func `has an instance`() throws {
    let example = try example("instance")
    try expect(InstanceDocument(example).json, is: example)
  }

  @Test func `has an event`() throws {
    let example = try example("event")
    try expect(EventDocument(example).json, is: example)
  }

  @Test func `has a hit, and how many there are`() throws {
    let hit = try example("hit")
    try expect(HitDocument(hit).json, is: hit)
    let count = try example("hit count")
    try expect(HitCountDocument(count).json, is: count)
  }

  @Test func `has a run on a timeline`() throws {
    let example = try example("timeline")
    try expect(TimelineDocument(example).json, is: example)
  }

  @Test func `has a comparison`() throws {
    let example = try example("comparison")
    try expect(ComparisonDocument(example).json, is: example)
  }

  @Test func `has a job's statistics`() throws {
    let example = try example("statistics")
    try expect(StatisticsDocument(example).json, is: example)
  }

  @Test func `has what is disabled`() throws {
    let example = try example("disabled")
    try expect(DisabledDocument(example).json, is: example)
  }

  @Test func `has an expectation`() throws {
    let example = try example("expectation")
    try expect(ExpectationDocument(example).json, is: example)
  }

  @Test func `has a change`() throws {
    let example = try example("change")
    try expect(ChangeDocument(example).json, is: example)
  }

  @Test func `has a check`() throws {
    let example = try example("check")
    try expect(CheckDocument(example).json, is: example)
  }

  @Test func `has a checkpoint`() throws {
    let example = try example("checkpoint")
    try expect(CheckpointDocument(example).json, is: example)
  }

  @Test func `has a ledger`() throws {
    let example = try example("ledger")
    try expect(LedgerDocument(example).json, is: example)
  }

  @Test func `has a verification`() throws {
    let example = try example("verification")
    try expect(VerificationDocument(example).json, is: example)
  }

  @Test func `has a bundle`() throws {
    let example = try example("bundle")
    try expect(BundleDocument(example).json, is: example)
  }

  @Test func `has a retention`() throws {
    let example = try example("retention")
    try expect(RetentionDocument(example).json, is: example)
  }
}

/// What is read may come from another version, or from somebody else.
@Suite struct `A document that does not fit` {
  private let good = EventDocument(
    seq: 1, at: 2, mono: 3, job: "a", instance: InstanceID("06h0d1qcrty15cmk"), n: 1,
    kind: .warning, data: .object([]), payload: nil, digest: .ofNothing)

  private func document(_ change: (JSON.Member) -> JSON.Member?) -> JSON {
    .object((good.json.members ?? []).compactMap(change))
  }

  @Test func `is refused with the field and the reason`() {
    #expect(throws: DocumentError(field: "at", reason: "is missing")) {
      try EventDocument(document { $0.key == "at" ? nil : $0 })
    }
    #expect(throws: DocumentError(field: "at", reason: "is no time")) {
      try EventDocument(document { $0.key == "at" ? JSON.Member("at", "yesterday") : $0 })
    }
    #expect(throws: DocumentError(field: "the document", reason: "is no object")) {
      try EventDocument(.array([]))
    }
  }

  @Test func `names the object that the field is in`() throws {
    let json = JSON.object([
      JSON.Member("ledger", "/l"), JSON.Member("dry_run", true), JSON.Member("ended", 1),
      JSON.Member("dropped", .array([.object([JSON.Member("runs", "many")])])),
      JSON.Member("bytes_before", 1), JSON.Member("bytes_after", 1),
    ])
    #expect(throws: DocumentError(field: "dropped[].runs", reason: "is no integer")) {
      try RetentionDocument(json)
    }
  }

  @Test func `is read where it only has more`() throws {
    let more = JSON.object((good.json.members ?? []) + [JSON.Member("later", 1)])
    try expect(EventDocument(more), is: good)
  }
}

@Suite struct `A time` {
  @Test(arguments: [
    0, 1, -1, 1_795_000_000_123_456, -62_135_596_800_000_000, 253_402_300_799_999_999,
  ])
  func `is read as it was written`(time: WallTime) {
    #expect(Timestamp.time(Timestamp.rfc3339(time)) == time)
  }

  @Test(arguments: [
    "", "2026-11-22", "2026-11-22T14:30:00Z", "2026-11-22T14:30:00.000123+",
    "2026-02-29T14:30:00.000123Z",
    "2026-13-01T14:30:00.000123Z", "2026-11-22T24:30:00.000123Z", "2026-11-22t14:30:00.000123Z",
  ])
  func `of another form is none`(text: String) {
    #expect(Timestamp.time(text) == nil)
  }
}
