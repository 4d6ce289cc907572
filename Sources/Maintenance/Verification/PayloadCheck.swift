internal import Digests
internal import Events
internal import Ledger
internal import Linux

/// Checks whether the output of a batch of events is what the events say: each chunk decoded and hashed, on a thread of its
/// own while the next batch is read.
struct PayloadCheck: ~Copyable {
  struct Result: Sendable {
    var problems: [LedgerProblem] = []
    var chunks: Int64 = 0
    /// Uncompressed.
    var bytes: Int64 = 0
  }

  private let result: Monitor<Result>
  private let thread: WorkerThread?

  /// - Parameter events: those with a payload.
  init(_ events: [StoredEvent]) {
    let result = Monitor(Result())
    self.result = result
    guard !events.isEmpty else {
      thread = nil
      return
    }
    // Where there can be no thread it takes longer.
    let check: @Sendable () -> Void = {
      let found = Self.check(events)
      result.change { $0 = found }
    }
    if let started = try? WorkerThread(check) {
      thread = consume started
    } else {
      thread = nil
      check()
    }
  }

  /// Waits for the thread.
  consuming func finish() -> Result {
    if let thread { thread.join() }
    return result.change { $0 }
  }

  private static func check(_ events: [StoredEvent]) -> Result {
    var result = Result()
    for event in events {
      result.chunks += 1
      switch chunk(of: event) {
      case .success(let chunk): result.bytes += Int64(chunk.bytes.count)
      case .failure(let misfit):
        result.problems.append(LedgerProblem(.payload, at: event.seq, misfit.reason))
      }
    }
    return result
  }

  struct Misfit: Error { let reason: String }

  /// The event's output, if it is what the event says.
  static func chunk(of event: StoredEvent) -> Swift.Result<OutputChunk, Misfit> {
    let stored: StoredChunk
    switch event.chunk {
    case .absent: return .failure(Misfit(reason: "its output is not there"))
    case .unreadable(let reason):
      return .failure(Misfit(reason: "its output cannot be read: \(reason)"))
    case .stored(let chunk): stored = chunk
    }
    guard let chunk = stored.decoded else {
      return .failure(Misfit(reason: "its output cannot be decoded"))
    }
    guard Digest(of: chunk.bytes) == event.payload else {
      return .failure(Misfit(reason: "its output does not fit its payload"))
    }
    let said = OutputTotals((try? JSON(parsing: event.data)) ?? .null)
    guard chunk.length(of: .stdout) == said.stdoutBytes,
      chunk.length(of: .stderr) == said.stderrBytes
    else { return .failure(Misfit(reason: "its output is not as long as it says")) }
    return .success(chunk)
  }
}

extension OutputChunk {
  fileprivate func length(of stream: OutputStream) -> Int64 {
    runs.reduce(0) { $0 + ($1.stream == stream ? Int64($1.length) : 0) }
  }
}
