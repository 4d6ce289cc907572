internal import Events
import Testing

@testable import Projections

@Suite("A pattern")
struct PatternTests {
  static let id = "06rvk3zz00000001"

  private func instance() throws -> InstanceID { try #require(InstanceID(Self.id)) }

  @Test(arguments: [
    // A job id, exactly.
    ("backup", "backup", true), ("backup", "backup2", false), ("back", "backup", false),
    ("Backup", "backup", false), ("", "backup", false), ("", "", true),
    ("with blank", "with blank", true), ("a@b", "a@b", true), ("a", "a@b", false),
    // The beginning of an instance id, from four characters on.
    ("06rv", "backup", true), ("06rvk3zz00000001", "backup", true), ("06r", "backup", false),
    ("06rvk4", "backup", false), ("6rvk", "backup", false), ("06RV", "backup", false),
    ("06rvk3zz000000011", "backup", false),
    // job@instance, exactly.
    ("backup@06rvk3zz00000001", "backup", true), ("backup@06rv", "backup", false),
    ("a@b@06rvk3zz00000001", "a@b", true), ("x@06rvk3zz00000001", "backup", false),
    ("@06rvk3zz00000001", "backup", false),
    // Globs over each of them.
    ("*", "backup", true), ("*", "", true), ("back*", "backup", true), ("*up", "backup", true),
    ("b?ckup", "backup", true), ("b[aeiou]ckup", "backup", true), ("b[!a]ckup", "backup", false),
    ("back*", "my backup", false), ("BACK*", "backup", false),
    ("06r*", "backup", true), ("0*1", "backup", true), ("?6rvk3zz0000000?", "backup", true),
    ("backup@06*", "backup", true), ("*@06rvk3zz00000001", "backup", true),
    ("*@06rv", "backup", false), ("*/*", "a/b", true), ("*", ".hidden/x", true),
    ("t*glich", "täglich", true),
    // What looks like a glob may be the very name.
    ("a[1]", "a[1]", true), ("a[1]", "a1", true), ("echo *", "echo *", true),
    (#"a\[1\]"#, "a[1]", true), (#"a\*"#, "ab", false), ("a[", "a[", true), ("a[", "a", false),
  ])
  func `names instances as people expect`(pattern: String, job: String, expected: Bool) throws {
    #expect(Pattern(pattern).matches(job: job, instance: try instance()) == expected)
  }

  @Test(arguments: [
    ("backup", false), ("06rv", true), ("backup@06rvk3zz00000001", true), ("06rv*", false),
    ("other", false),
  ])
  func `names one instance, or a job that may run again`(pattern: String, expected: Bool) throws {
    #expect(
      Pattern(pattern).namesInstance(job: "backup", instance: try instance()) == expected)
  }

  @Test func `that is a job's id names the job even when it begins an instance id`() throws {
    #expect(!Pattern("06rv").namesInstance(job: "06rv", instance: try instance()))
  }

  @Test func `is not needed: none match everything, of several one is enough`() throws {
    let id = try instance()
    #expect([Pattern]().matches(job: "x", instance: id))
    #expect([Pattern("a"), Pattern("x*")].matches(job: "xy", instance: id))
    #expect(![Pattern("a"), Pattern("b")].matches(job: "xy", instance: id))
    #expect([Pattern("a"), Pattern("b")].areExact)
    #expect(![Pattern("a"), Pattern("b*")].areExact)
    #expect(![Pattern]().areExact)
  }
}
