internal import Glibc
internal import Linux
internal import Synchronization

/// The places for tests that start processes: so many run at once, each on a thread of its own, so that one that waits
/// for a process holds up no other, and a deadline or a duration means what it says.
///
/// Without them all tests share the two threads of Swift's pool on a machine with two processors.
enum TestPlaces {
  /// As many as `TARO_TEST_PLACES` says; six keep two processors busy [measured].
  private static let count = Environment.value("TARO_TEST_PLACES").flatMap { Int($0) } ?? 6

  private static let threads = TestThreads(count)
  private static let free = Mutex(Places(free: count))

  private struct Places {
    var free: Int
    /// In the order in which they came.
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  /// Runs `body` when there is a place for it.
  @concurrent
  static func run<Result: Sendable>(
    _ body: @concurrent @Sendable () async throws -> Result
  ) async throws -> Result {
    await take()
    defer { giveBack() }
    return try await withTaskExecutorPreference(threads) { try await body() }
  }

  @concurrent
  private static func take() async {
    await withCheckedContinuation { continuation in
      let hasPlace = free.withLock { places in
        guard places.free > 0 else {
          places.waiting.append(continuation)
          return false
        }
        places.free -= 1
        return true
      }
      if hasPlace { continuation.resume() }
    }
  }

  /// The place goes to whoever waits for it longest.
  private static func giveBack() {
    let next = free.withLock { places in
      guard places.waiting.isEmpty else { return Optional(places.waiting.removeFirst()) }
      places.free += 1
      return nil
    }
    next?.resume()
  }
}

/// Threads for tests that block: as many as there are places, so that each that has a place has a thread.
private final class TestThreads: TaskExecutor {
  private let jobs = Monitor<[UnownedJob]>([])

  init(_ count: Int) {
    for _ in 0..<count {
      // Nobody waits for them: they are there as long as the process.
      _ = try? WorkerThread { [self] in work() }
    }
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    jobs.change { $0.append(job) }
  }

  private func work() {
    while true {
      let job = jobs.wait { $0.isEmpty ? nil : $0.removeFirst() }
      job.runSynchronously(on: asUnownedTaskExecutor())
    }
  }
}
