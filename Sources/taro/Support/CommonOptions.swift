internal import ArgumentParser
internal import Events
internal import Ledger
internal import Maintenance
internal import Operations
internal import Projections
internal import Settings

/// Where the ledger is: an option of every command.
struct LedgerOption: ParsableArguments {
  @Option(
    name: .customLong("ledger"),
    help: ArgumentHelp("The directory of the ledger.", valueName: "dir"), completion: .directory)
  var path: String?

  @OptionGroup var configuration: ConfigurationOptions

  /// - Parameter configuration: the one in force.
  func directory(_ configuration: Configuration) throws(SettingError) -> LedgerDirectory {
    let location = try LedgerLocation.resolve(
      option: path, configured: configuration.ledgerDirectory)
    var directory = LedgerDirectory(location.path)
    directory.isOfHomeless = location.isOfHomeless
    directory.isLocal = configuration.ledgerFileSystem == .local
    return directory
  }

  /// Once in a command: it may have something to say on stderr.
  func directory() throws -> LedgerDirectory { try directory(try configuration.load()) }

  /// The ledger, read; nil when nothing has been run yet. Runs that were lost are closed first.
  func view() throws -> LedgerSession? { try view(of: try directory()) }

  /// The ledger, made when there is none: for what waits for things to come.
  func viewMakingLedger() throws -> LedgerSession {
    let directory = try directory()
    if let view = try view(of: directory) { return view }
    _ = try LedgerWriter(directory)
    return try LedgerSession(directory)
  }

  func view(of directory: LedgerDirectory) throws -> LedgerSession? {
    do throws(LedgerError) {
      let view = try LostEvents.open(directory)
      LostEvents.report(view.missing, of: directory)
      LostEvents.report(view.reader.damagedNotes, of: directory)
      if view.reader.isCopy { CopiedLedger.report(directory) }
      try maintain(view)
      return view
    } catch {
      guard case .missing = error else {
        SpoolNotice.say(SpooledInstances(of: directory, countsLive: true), of: directory)
        throw error
      }
      return try viewOfSpools(directory)
    }
  }

  /// Where there is no ledger, runs may wait for one all the same: it is made for them.
  private func viewOfSpools(_ directory: LedgerDirectory) throws(LedgerError) -> LedgerSession? {
    guard SpoolFiles.areWaiting(directory, thoroughly: true) else { return nil }
    do throws(LedgerError) { _ = try LedgerWriter(directory) } catch {
      SpoolNotice.say(
        SpooledInstances(of: directory, countsLive: true), of: directory, because: "\(error)")
      return nil
    }
    let view = try LedgerSession(directory)
    try maintain(view)
    return view
  }

  /// Puts the ledger in order before it is asked, and says what of it could not be brought in: once in a command.
  private func maintain(_ view: LedgerSession) throws(LedgerError) {
    let left = try view.maintain()
    if let spooled = left.spooled { SpoolNotice.say(spooled, of: view.directory) }
  }

  /// The same for who goes on following it, which has been told.
  static func maintain(_ view: LedgerSession) throws(LedgerError) { try view.maintain() }
}

extension Pattern: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
  static var defaultCompletionKind: CompletionKind { .instances }
}
