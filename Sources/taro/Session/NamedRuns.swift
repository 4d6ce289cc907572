internal import CommandLineKit
internal import Events
internal import Ledger
internal import Linux
internal import Operations
internal import Presentation
internal import Projections

/// Names as people type them, with what may have been meant where nothing is called so.
extension LedgerSession {
  func run(named name: String) throws -> InstanceRecord {
    try suggesting { try instance(named: name) }
  }

  /// Patterns of a question; a name without wildcards has to be one that is known: but for who asks many hosts, of which some
  /// know it.
  func asked(_ patterns: [Pattern]) throws -> [Pattern] {
    try suggesting { try Self.asksMany ? resolved(patterns) : known(patterns) }
  }

  /// True for who asks many hosts at once.
  fileprivate static var asksMany: Bool {
    Environment.value(EnvironmentVariable.via.name) == Requester.Way.ssh.rawValue
  }

  private func suggesting<Answer>(_ ask: () throws -> Answer) throws -> Answer {
    do { return try ask() } catch NameError.nothing(let name) {
      guard let meant = try nearest(to: name) else { throw NameError.nothing(name) }
      throw Failure(
        "no job or instance \(PrintableText.escaped(name)); did you mean \(PrintableText.escaped(meant))?"
      )
    }
  }
}

extension LedgerOption {
  /// Refuses a directory that was named and is not there: that is a slip, and no empty answer. Of many hosts, some have run
  /// nothing yet.
  /// - Parameter session: nil where nothing has been run yet.
  func refuseMissing(_ session: LedgerSession?) throws {
    guard session == nil, path != nil, !LedgerSession.asksMany else { return }
    let path = try directory().path
    guard Folder.isMissing(path) else { return }
    throw Failure(
      "there is no ledger in \(PrintableText.escaped(path)): no such directory; taro ledger info tells which one is used"
    )
  }

  /// Says to a person, beside a table without rows, that there is nothing to show. A script that finds nothing is no reason
  /// for a mail.
  func explainEmpty(_ session: LedgerSession?, _ format: OutputFormat, _ words: String) throws {
    guard format == .table, Terminal.isTerminal(2) else { return }
    guard session == nil else { return StandardError.say(words) }
    StandardError.say(
      "nothing has been run yet: there is no ledger in \(PrintableText.escaped(try directory().path))"
    )
  }
}
