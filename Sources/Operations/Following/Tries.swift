internal import Events
internal import Glibc
internal import Linux
package import Projections

/// The place of an instance among the tries of a job that is run again when it fails (`--retry`).
package struct Tries: Equatable, Sendable {
  /// `job@instance`.
  package let name: String
  /// The number of this try, from 1.
  package let number: Int64
  package let total: Int64
  /// The try before it.
  let before: String?
  private let retryOn: [Int64]

  package init?(_ record: InstanceRecord) { self.init(record.created, of: record.name) }

  /// Returns nil where there is one try alone.
  init?(_ created: Created, of name: String) {
    guard let number = created.attempt else { return nil }
    self.name = name
    self.number = number
    total = number + (created.triesLeft ?? 0)
    before = created.retryOf
    retryOn = created.options.retryOn
  }

  /// Tells whether another try may follow one that has ended so: its runner knows better, as long as it is there.
  func mayGoOn(after state: InstanceState, _ ending: Ending) -> Bool {
    guard number < total, state.group == .failure, state != .lost else { return false }
    guard !retryOn.isEmpty else { return true }
    let signal = ending.signal.flatMap(Signals.parse).map { 128 + Int64($0) }
    return (ending.exitCode ?? signal).map(retryOn.contains) ?? false
  }
}
