internal import ArgumentParser
internal import CommandLineKit
internal import Events
internal import Ledger
internal import Maintenance
internal import Operations
internal import Projections
internal import Settings

/// The option that says where the ledger is, of every command.
struct LedgerOption: ParsableArguments {
  @Option(
    name: .customLong("ledger"),
    help: ArgumentHelp("The directory of the ledger.", valueName: "dir"), completion: .directory)
  var path: String?

  @OptionGroup var configuration: ConfigurationOptions

  /// - Parameter configuration: the one in force.
  func directory(_ configuration: Configuration) throws(SettingError) -> LedgerDirectory {
    try LedgerDirectory(
      option: path, configured: configuration.ledgerDirectory,
      fileSystem: configuration.ledgerFileSystem)
  }

  /// Finds the directory, once in a command: that may have something to say on stderr.
  func directory() throws -> LedgerDirectory { try directory(try configuration.load()) }

  /// The ledger, read; nil when nothing has been run yet. Runs that were lost are closed first.
  func view() throws -> LedgerSession? { try view(of: try directory()) }

  /// The ledger, made when there is none: for what waits for things to come.
  func viewMakingLedger() throws -> LedgerSession {
    let directory = try directory()
    return try LedgerSession.openOrMake(directory) { LedgerNotices.say($0, of: directory) }
  }

  func view(of directory: LedgerDirectory) throws -> LedgerSession? {
    try LedgerSession.open(directory) { LedgerNotices.say($0, of: directory) }
  }

  /// Keeps the ledger in order for who goes on following it, and has been told what could not be done.
  static func maintain(_ view: LedgerSession) throws(LedgerError) { try view.maintain() }
}

extension Pattern: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
  static var defaultCompletionKind: CompletionKind { .instances }
}
