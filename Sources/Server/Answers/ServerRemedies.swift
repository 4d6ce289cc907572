package import Ledger

/// The ways out of a refusal that the program has to name: a library knows none of its commands.
package struct ServerRemedies: Sendable {
  /// A reason for which somebody is refused, and can do more about it than the library knows.
  package enum Trouble: Sendable, CaseIterable {
    /// No credential was shown, or one that does not count.
    case needsToken
    /// A token may read, and no more.
    case needsControl
    /// The server may not signal what is left of a run.
    case mayNotSignal
    /// Output was not captured.
    case notCaptured
    /// Something that is stored is damaged, or there is less of it than was told.
    case damaged
    /// There is no token of that name.
    case unknownToken
    /// There is no directory for a ledger yet.
    case noDirectory
  }

  /// Says what is wrong with a ledger, why, and what to do about it.
  let explain: @Sendable (LedgerError) -> String
  package let remedy: @Sendable (Trouble) -> String

  package init(
    explain: @escaping @Sendable (LedgerError) -> String,
    remedy: @escaping @Sendable (Trouble) -> String
  ) {
    self.explain = explain
    self.remedy = remedy
  }
}
