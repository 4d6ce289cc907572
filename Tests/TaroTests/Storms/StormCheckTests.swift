internal import Ledger
import SQLite
import TestSupport
import Testing

/// The checker of the storms finds what it is there to find.
@Suite(.temporaryDirectory) struct StormCheckTests {
  /// What no taro would write, and what is said of it.
  private static let forgeries = [
    ("DELETE FROM event WHERE job = 'crowd1'", "crowd1 has ended and is not recorded"),
    ("DELETE FROM event WHERE job = 'crowd1' AND kind = 'failed'", "has 0 terminal events"),
    (
      """
      INSERT INTO event SELECT (SELECT max(seq) + 1 FROM event), at, mono, job, instance, n + 1,
      'failed', data, payload, digest FROM event WHERE job = 'crowd1' AND kind = 'failed'
      """, "has 2 terminal events"
    ),
    (
      """
      UPDATE event SET data = replace(data, '"exit_code":1', '"exit_code":2') WHERE job = 'crowd1'
      """, "crowd1 ended with 1, and recorded is FAILED with 2"
    ),
    ("DELETE FROM output", "crowd1 printed 24 and 17 bytes, recorded are 0 and 0"),
    (
      """
      UPDATE event SET kind = CASE kind WHEN 'output' THEN 'failed' WHEN 'failed' THEN 'output'
      ELSE kind END WHERE job = 'crowd1'
      """, "its last is output"
    ),
    ("UPDATE event SET seq = seq + 1 WHERE seq = (SELECT max(seq) FROM event)", "after seq "),
    ("UPDATE event SET n = n + 1 WHERE job = 'crowd1' AND kind = 'failed'", "has the positions"),
    (
      "UPDATE event SET mono = mono - 10000000 WHERE job = 'crowd1' AND kind = 'failed'",
      "goes back in time"
    ),
    ("UPDATE event SET at = at + 1 WHERE seq = 3", "is wrong from line 3"),
    ("UPDATE event SET kind = 'lost' WHERE job = 'crowd1' AND kind = 'failed'", "was not killed"),
    (
      "UPDATE event SET kind = 'pending' WHERE job = 'crowd1' AND kind = 'output'",
      "went from RUNNING to PENDING"
    ),
  ]

  @Test func `what is wrong is seen`() throws {
    let storm = try Storm(TaroProgram(), SeededGenerator(for: "a small storm"))
    _ = try storm.crowd(3)
    try storm.finish()
    try expect(StormCheck.problems(of: storm), is: [])
    let file = storm.taro.ledger.database
    try alter(file, "PRAGMA wal_checkpoint(TRUNCATE)")
    let whole = try Files.contents(file)
    for (forgery, problem) in Self.forgeries {
      try alter(
        file,
        """
        DROP TRIGGER event_is_only_appended; DROP TRIGGER event_is_never_updated;
        DROP TRIGGER event_is_never_deleted; \(forgery); PRAGMA wal_checkpoint(TRUNCATE)
        """)
      let problems = try StormCheck.problems(of: storm)
      #expect(problems.contains { $0.contains(problem) }, "\(forgery): \(problems)")
      try Files.write(whole, to: file)
    }
  }

  private func alter(_ file: String, _ sql: String) throws {
    try Connection(file, .readWrite, busyMilliseconds: 1000)
      .execute("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON; \(sql)")
  }
}
