internal import Events
internal import Linux
internal import Synchronization

/// Work for threads of ours, which may block: in order, bounded, and what was cancelled before it began is not begun.
///
/// Each thread makes a context of its own when it starts, and no other touches that.
final class WorkQueue<Context>: Sendable {
  /// The error where as much waits already as may.
  struct Full: Error {}

  private enum Stage { case waiting, begun, cancelled }

  private final class Job: Sendable {
    let stage = Mutex(Stage.waiting)
    let run: @Sendable (Context) -> Void
    /// Called when the job is not going to be begun.
    let cancel: @Sendable () -> Void

    init(run: @escaping @Sendable (Context) -> Void, cancel: @escaping @Sendable () -> Void) {
      self.run = run
      self.cancel = cancel
    }

    /// Moves the job out of `waiting`, if nobody else has: who does so resumes the one who waits for it.
    func begin(as next: Stage) -> Bool {
      stage.withLock { stage in
        guard stage == .waiting else { return false }
        stage = next
        return true
      }
    }
  }

  private struct State {
    var jobs: [Job] = []
    /// The index of the first job that is not gone.
    var first = 0
    var isClosed = false
    var threads = 0

    var count: Int { jobs.count - first }

    mutating func next() -> Job? {
      guard first < jobs.count else { return nil }
      defer {
        first += 1
        if first == jobs.count || first > 1024 {
          jobs.removeFirst(first)
          first = 0
        }
      }
      return jobs[first]
    }
  }

  private let state = Monitor(State())
  private let limit: Int

  /// - Parameters:
  ///   - limit: so much may wait.
  ///   - makeContext: called once on each thread.
  init(
    threads: Int, limit: Int, _ makeContext: @escaping @Sendable () -> Context
  ) throws(SystemCallError) {
    self.limit = limit
    for _ in 0..<threads {
      state.change { $0.threads += 1 }
      do throws(SystemCallError) {
        // The thread ends when the queue is closed, and nobody has to join it.
        _ = try WorkerThread { [self] in
          work(makeContext())
          state.change { $0.threads -= 1 }
        }
      } catch {
        state.change { $0.threads -= 1 }
        close()
        throw error
      }
    }
  }

  private func work(_ context: Context) {
    while true {
      let job = state.wait { state -> Job?? in
        if let job = state.next() { return .some(job) }
        return state.isClosed ? .some(nil) : nil
      }
      guard let job else { return }
      if job.begin(as: .begun) { job.run(context) }
    }
  }

  /// Runs `body` on one of the threads.
  /// - Throws: what it throws; `Full`; `CancellationError` when the task was cancelled before it began.
  func run<Answer: Sendable>(
    _ body: @escaping @Sendable (Context) throws -> Answer
  ) async throws -> Answer {
    let place = Place()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let job = Job { context in
          continuation.resume(with: Result { try body(context) })
        } cancel: {
          continuation.resume(throwing: CancellationError())
        }
        guard add(job) else { return continuation.resume(throwing: Full()) }
        // The task was cancelled before there was a job.
        if !place.hold(job) { Self.cancel(job) }
      }
    } onCancel: {
      if let job = place.cancel() { Self.cancel(job) }
    }
  }

  private static func cancel(_ job: Job) {
    if job.begin(as: .cancelled) { job.cancel() }
  }

  private func add(_ job: Job) -> Bool {
    state.change { state in
      guard !state.isClosed, state.count < limit else { return false }
      state.jobs.append(job)
      return true
    }
  }

  /// Lets the threads end when what waits is done.
  func close() { state.change { $0.isClosed = true } }

  /// Waits until all threads have ended; false when they have not by then.
  func waitUntilEnded(_ deadline: MonotonicTime) -> Bool {
    state.wait(until: deadline) { $0.threads == 0 ? true : nil } ?? false
  }

  /// A place in the queue, where a task and its cancellation meet.
  private final class Place: Sendable {
    private struct State {
      var job: Job?
      var isCancelled = false
    }

    private let state = Mutex(State())

    /// - Returns: false when the task has been cancelled.
    func hold(_ job: Job) -> Bool {
      state.withLock { state in
        state.job = job
        return !state.isCancelled
      }
    }

    func cancel() -> Job? {
      state.withLock { state in
        state.isCancelled = true
        return state.job
      }
    }
  }
}
