internal import Glibc
package import Ledger
internal import Linux
internal import Logging
internal import NIOPosix
internal import Operations
internal import ServiceLifecycle
package import Settings
internal import UnixSignals

/// The ledger over HTTP.
package struct Server: Sendable {
  private let configuration: ServerConfiguration
  private let directory: LedgerDirectory
  private let remedies: ServerRemedies
  private let version: String

  /// - Parameters:
  ///   - remedies: say what is to be done, in the program's words.
  ///   - version: of the program.
  package init(
    _ configuration: ServerConfiguration, _ directory: LedgerDirectory,
    remedies: ServerRemedies, version: String
  ) {
    self.configuration = configuration
    self.directory = directory
    self.remedies = remedies
    self.version = version
  }

  /// Serves until SIGTERM or SIGINT comes, and has ended within 5 s then.
  /// - Throws: `StartRefusal` before anything is served.
  package func run() async throws {
    try refuseUnusableLedger()
    let tokens = TokenFile(directory)
    let certificate = try loadCertificate()
    let sources = try ListeningSources(configuration).open(protectedBy: tokens)
    OpenFileLimit.raise()

    let log: ServerLog
    let executor: LedgerExecutor
    let feed: LedgerFeed
    let lookups: PeerLookup
    do {
      log = try ServerLog()
      executor = try LedgerExecutor(directory, readers: Self.readers)
      feed = try LedgerFeed(directory)
      lookups = try PeerLookup()
    } catch { throw StartRefusal.noThreads("\(error)") }
    let logger = Logger(label: "server") { _ in
      ServerLogHandler(log, configuration.logFormat, configuration.logLevel)
    }
    let access = AccessControl(tokens: tokens)
    let services = Services(
      executor: executor, feed: feed, access: access,
      rates: RateLimit(
        perSecond: configuration.limits.requests, burst: configuration.limits.burst),
      streams: StreamRegistry(limit: configuration.limits.streams, access),
      observer: ConnectionObserver(logger), configuration: configuration, keys: RequestKeys(),
      counters: JobCounters(executor, beginsAnew: false),
      history: JobCounters(executor, beginsAnew: true), remedies: remedies,
      version: version)
    let group = MultiThreadedEventLoopGroup(numberOfThreads: Self.eventLoops)

    let listener = Listener(
      sources, Responder(services), services, certificate: certificate, lookups: lookups,
      group: group
    ) {
      logger.notice("ready", metadata: ["ledger": .string(directory.path)])
      ServiceManager.notify("READY=1")
    }
    var running: [any Service] = [
      Upkeep(services: services), Reloading(services: services, certificate: certificate), listener,
    ]
    if let interval = ServiceManager.watchdogInterval {
      running.append(Watchdog(interval: interval, services: services))
    }
    running.append(Farewell(logger: logger, feed: feed))
    var setup = ServiceGroupConfiguration(
      services: running, gracefulShutdownSignals: [.sigterm, .sigint], logger: Self.quiet)
    setup.maximumGracefulShutdownDuration = .seconds(5)
    setup.maximumCancellationDuration = .seconds(1)
    do { try await ServiceGroup(configuration: setup).run() } catch is CancellationError {}

    executor.close(within: 500_000)
    feed.close()
    lookups.close()
    removeSocket()
    logger.notice("ended")
    log.close()
  }

  /// The logger of the group of services, whose own lines nobody needs.
  private static let quiet = Logger(label: "server") { _ in SwiftLogNoOpLogHandler() }

  private static var processors: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
  private static var eventLoops: Int { min(4, max(2, processors)) }
  /// The number of readers: they wait for disk and locks more than they compute.
  private static var readers: Int { min(8, 2 + processors) }

  /// Refuses a ledger that the server cannot use. One that is not there yet is no reason, nor is a damaged one: it may
  /// be put right while the server runs.
  private func refuseUnusableLedger() throws(StartRefusal) {
    do throws(LedgerError) { _ = try LedgerReader(directory) } catch {
      switch error {
      case .unsafe, .networkFileSystem, .newerFormat: throw .ledger(error)
      default: break
      }
    }
  }

  private func loadCertificate() throws(StartRefusal) -> Certificate? {
    guard let path = configuration.certificate, let key = configuration.key else {
      guard configuration.certificate == nil, configuration.key == nil else {
        throw .incompleteTLS
      }
      return nil
    }
    do { return try Certificate(certificate: path, key: key) } catch let error
      as Certificate.Unusable
    {
      throw .badCertificate(path: error.path, reason: error.reason)
    } catch { throw .badCertificate(path: path, reason: "\(error)") }
  }

  /// Removes the socket that was made here; the service manager keeps its own.
  private func removeSocket() {
    if let path = configuration.socket { unlink(path) }
  }
}

/// Says that the end has begun, before anything ends.
private struct Farewell: Service {
  let logger: Logger
  let feed: LedgerFeed

  func run() async throws {
    try? await gracefulShutdown()
    feed.beginEnding()
    logger.notice("stopping")
    ServiceManager.notify("STOPPING=1")
  }
}
