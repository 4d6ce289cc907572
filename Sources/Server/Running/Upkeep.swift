internal import Events
internal import Linux
internal import Logging
internal import Maintenance
internal import Operations
internal import Projections
internal import ServiceLifecycle
internal import UnixSignals

/// The chores of the server, while it answers: it keeps the ledger in order, ends what a revoked token keeps open, and
/// tells the service manager that it lives.
struct Upkeep: Service {
  private static let interval = Duration.seconds(2)
  /// The number of rounds after which spools and lost instances are looked for.
  private static let maintenanceEvery = 2

  let services: Services

  func run() async throws {
    await cancelWhenGracefulShutdown {
      var round = 0
      while !Task.isCancelled {
        await fold()
        guard (try? await Task.sleep(for: Self.interval)) != nil else { return }
        services.streams.sweep()
        round += 1
        guard round.isMultiple(of: Self.maintenanceEvery) else { continue }
        services.rates.keep(Set(services.tokens.current().list.tokens.map(\.digest)))
        await keepInOrder()
        await readKeys()
        await services.counters.keepUp()
      }
    }
  }

  /// Folds what there is, so that nobody who asks has to wait for what nobody has asked for lately.
  private func fold() async {
    var lag: Int64 = 0
    repeat {
      let before = lag
      let left = try? await services.executor.read { session in
        try session.map { session in
          try session.projections.foldSome(ifBehindBy: 0)
          return try LedgerLag(session).events
        }
      }
      lag = (left ?? nil) ?? 0
      // Where it cannot be done now, whoever asks does it for himself.
      guard before == 0 || lag < before else { return }
    } while lag > 0
  }

  /// Reads the keys of the last day, so that nobody who asks with a key has to wait for that.
  private func readKeys() async {
    let keys = services.keys
    do {
      var hasMore = true
      while hasMore {
        hasMore = try await services.executor.read { session in
          try session.map { try keys.readSome($0.reader) } ?? false
        }
      }
    } catch {
      // A client that asks with a key is told what is wrong.
    }
  }

  private func keepInOrder() async {
    let logger = services.observer.logger
    do {
      let outcome = try await services.executor.maintain { try $0?.maintain() }
      if let closed = outcome?.closed, !closed.isEmpty {
        let names = closed.map(\.text).joined(separator: " ")
        logger.info("lost instances were closed", metadata: ["instances": .string(names)])
      }
      if let failure = outcome?.failure { throw failure }
    } catch is CancellationError {
    } catch {
      logger.warning(
        "the ledger could not be put in order", metadata: ["error": .string("\(error)")])
    }
  }
}

/// A sign of life for the service manager: only when the ledger's threads give one themselves.
struct Watchdog: Service {
  /// The time between two signs, microseconds.
  let interval: Int64
  let services: Services

  func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        guard (try? await Task.sleep(for: .microseconds(interval / 2))) != nil else { return }
        _ = try? await services.executor.maintain { _ in }
        _ = try? await services.executor.read { _ in }
        if !Task.isCancelled { ServiceManager.notify("WATCHDOG=1") }
      }
    }
  }
}

/// Reads certificate and tokens again on SIGHUP.
struct Reloading: Service {
  let services: Services
  let certificate: Certificate?

  func run() async throws {
    await cancelWhenGracefulShutdown {
      for await _ in await UnixSignalsSequence(trapping: .sighup) { await reload() }
    }
  }

  private func reload() async {
    let logger = services.observer.logger
    let (certificate, tokens) = (certificate, services.tokens)
    do {
      try await services.executor.writeFile {
        try certificate?.reload()
        if let failure = tokens.current().failure { throw failure }
      }
      logger.notice("certificate and tokens were read again")
    } catch {
      logger.error(
        "what could not be read again stays as it was", metadata: ["error": .string("\(error)")])
    }
  }
}
