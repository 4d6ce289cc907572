internal import Glibc

/// A rehearsal (`--dry-run`) has run nothing, and is no run of its job: it stands in the history, and tells nothing of
/// when the job has run, how it has ended, how long it takes, or how often it has.
enum Rehearsal {
  /// No text has this in it: there a quotation mark has a backslash before it.
  private static let mark = "\"dry_run\":true"

  /// The condition of a row that is one.
  static let condition = "instr(created, '\(mark)') > 0"
  /// The condition of a row that counts.
  static let isNone = "instr(created, '\(mark)') = 0"

  /// Asked of the data of a `created` event, without reading all of it.
  static func isMeant(by created: String) -> Bool {
    created.withCString { text in unsafe strstr(text, mark) != nil }
  }
}

extension InstanceRecord {
  /// It has run nothing, and counts for nothing of its job.
  package var isRehearsal: Bool { Rehearsal.isMeant(by: createdData) }
}
