/// A thread that works with a value which is moved into it, and gives it back when it has ended: before, beside and after
/// the thread the value has one owner, and the compiler sees to it.
package struct LendingThread<Value: ~Copyable>: ~Copyable {
  /// The outcome of the start.
  package enum Start: ~Copyable {
    case running(LendingThread<Value>)
    /// There is no thread to have.
    case refused(Value)
  }

  private let thread: WorkerThread
  private let lent: Lent<Value>

  private init(_ thread: consuming WorkerThread, _ lent: Lent<Value>) {
    self.thread = thread
    self.lent = lent
  }

  package static func start(
    with value: consuming sending Value, _ run: @escaping @Sendable (inout Value) -> Void
  ) -> sending Start {
    let lent = Lent(value)
    do throws(SystemCallError) {
      let thread = try WorkerThread { lent.use(run) }
      return .running(LendingThread(thread, lent))
    } catch { return .refused(lent.takeBack()) }
  }

  /// Waits for the thread's end.
  package consuming func join() -> sending Value {
    let lent = lent
    thread.join()
    return lent.takeBack()
  }
}

/// Sendable because it has one user at a time: the thread from its start to its end, and whoever has started it before and
/// afterwards (`pthread_create` and `pthread_join` order their accesses).
private final class Lent<Value: ~Copyable>: @unchecked Sendable {
  private var value: Value?

  init(_ value: consuming sending Value) { self.value = consume value }

  func use(_ run: (inout Value) -> Void) {
    guard var lent = value.take() else { return }
    run(&lent)
    value = .some(lent)
  }

  func takeBack() -> sending Value {
    // One at a time, as said above: nobody else has it.
    nonisolated(unsafe) let taken = value.take()
    guard let taken = unsafe taken else {
      preconditionFailure("a thread's value was given back twice")
    }
    return taken
  }
}
