internal import CLinux
internal import Glibc

/// A thread that runs one function and can be waited for. SQLite blocks, so it never runs on Swift's
/// cooperative pool.
package struct WorkerThread: ~Copyable {
  private let handle: pthread_t

  private final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  package init(_ run: @escaping @Sendable () -> Void) throws(SystemCallError) {
    let body = unsafe Unmanaged.passRetained(Body(run))
    var handle = pthread_t()
    let result = unsafe pthread_create(
      &handle, nil,
      { argument in
        guard let argument = unsafe argument else { return nil }
        clinux_block_queued_again()
        WorkerThread.blockTTOU()
        unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, unsafe body.toOpaque())
    clinux_block_queued_again()
    guard result == 0 else {
      unsafe body.release()
      throw SystemCallError("pthread_create", nil, Errno(result))
    }
    self.handle = handle
  }

  /// Blocks SIGTTOU: what such a thread has to say is not the job's, and no reason to stop.
  private static func blockTTOU() {
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe sigaddset(&signals, SIGTTOU)
    unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
  }

  /// One that nobody waits for gives back what it has when it ends.
  deinit { pthread_detach(handle) }

  package consuming func join() {
    let handle = handle
    discard self
    pthread_join(handle, nil)
  }
}

/// State behind a lock that threads can wait on for a change.
///
/// Sendable because `state` is only touched with `mutex` held, and both live at a fixed address for as
/// long as the object.
@safe package final class Monitor<State>: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var state: State

  package init(_ state: sending State) {
    self.state = state
    unsafe pthread_mutex_init(mutex, nil)
    var attributes = pthread_condattr_t()
    unsafe pthread_condattr_init(&attributes)
    unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    unsafe pthread_cond_init(condition, &attributes)
    unsafe pthread_condattr_destroy(&attributes)
  }

  deinit {
    unsafe pthread_cond_destroy(condition)
    unsafe pthread_mutex_destroy(mutex)
    unsafe condition.deallocate()
    unsafe mutex.deallocate()
  }

  /// Runs `body` alone and wakes who waits. Keep I/O out of it.
  package func change<Result>(_ body: (inout State) -> Result) -> Result {
    unsafe pthread_mutex_lock(mutex)
    defer {
      unsafe pthread_cond_broadcast(condition)
      unsafe pthread_mutex_unlock(mutex)
    }
    return body(&state)
  }

  /// Waits until `body` has an answer; it is asked after every change.
  package func wait<Result>(_ body: (inout State) -> Result?) -> Result {
    while true {
      if let result = wait(untilMicroseconds: nil, body) { return result }
    }
  }

  /// Waits until `body` has an answer; it is asked after every change. Nil when there is none by `deadline`,
  /// microseconds of the monotonic clock; nil waits for ever.
  package func wait<Result>(
    untilMicroseconds deadline: Int64?, _ body: (inout State) -> Result?
  ) -> Result? {
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    while true {
      if let result = body(&state) { return result }
      guard let deadline else {
        unsafe pthread_cond_wait(condition, mutex)
        continue
      }
      var time = timespec(
        tv_sec: Int(deadline / 1_000_000), tv_nsec: Int(deadline % 1_000_000) * 1000)
      if unsafe pthread_cond_timedwait(condition, mutex, &time) == ETIMEDOUT { return body(&state) }
    }
  }
}
