internal import Linux

/// The recorder at work: on a thread of its own, so that the job never waits for a disk; where none is to be had, the run
/// loop has it work in between.
///
/// The journal is moved in. That nobody else has any of it then, its writer or its spool, is proven by the compiler
/// (`sending`): they are not for two threads.
enum RecorderThread: ~Copyable {
  case running(LendingThread<RecorderLoop>)
  case inBetween(RecorderLoop)

  static func start(
    _ journal: consuming sending RunJournal, _ mailbox: RecorderMailbox, _ watch: WatchSettings,
    keeping limit: Int64?, _ log: RunLog, _ reporter: StderrReporter
  ) -> RecorderThread {
    let loop = RecorderLoop(journal, mailbox, watch, keeping: limit, log, reporter)
    switch LendingThread.start(with: loop, { $0.work() }) {
    case .running(let thread): return .running(thread)
    case .refused(let loop): return .inBetween(loop)
    }
  }

  /// Nothing where there is a thread.
  mutating func workInBetween() {
    switch consume self {
    case .running(let thread): self = .running(thread)
    case .inBetween(var loop):
      loop.workInBetween()
      self = .inBetween(loop)
    }
  }

  /// Records up to the end, which was handed over, and gives the journal back.
  consuming func finish() -> RunJournal {
    switch consume self {
    case .running(let thread): return thread.join().takeJournal()
    case .inBetween(var loop):
      loop.work()
      return loop.takeJournal()
    }
  }
}

extension RecorderThread? {
  /// It has to be called in between.
  var worksInBetween: Bool {
    switch self {
    case .some(.inBetween): true
    default: false
    }
  }
}
