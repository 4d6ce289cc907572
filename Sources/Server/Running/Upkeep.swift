internal import Linux
internal import Logging
internal import Operations
internal import ServiceLifecycle
internal import UnixSignals

/// What the server does by itself, while it answers: closes lost instances, ends what a revoked token keeps open, and tells
/// the service manager that it lives.
struct Upkeep: Service {
  private static let interval = Duration.seconds(2)
  /// Every second time lost instances are looked for.
  private static let lostEvery = 2

  let services: Services

  func run() async throws {
    await cancelWhenGracefulShutdown {
      var round = 0
      while !Task.isCancelled {
        guard (try? await Task.sleep(for: Self.interval)) != nil else { return }
        services.streams.sweep()
        round += 1
        guard round.isMultiple(of: Self.lostEvery) else { continue }
        services.rates.keep(Set(services.tokens.current().list.tokens.map(\.digest)))
        await closeLostInstances()
      }
    }
  }

  private func closeLostInstances() async {
    do {
      try await services.executor.maintain { session in try session?.closeLostInstances() }
    } catch is CancellationError {
    } catch {
      services.observer.logger.warning(
        "lost instances could not be closed", metadata: ["error": .string("\(error)")])
    }
  }
}

/// A sign of life for the service manager: only when the ledger's threads give one themselves.
struct Watchdog: Service {
  /// Microseconds between two.
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

/// SIGHUP: certificate and tokens are read again.
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
