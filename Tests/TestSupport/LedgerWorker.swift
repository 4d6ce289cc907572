/// Processes of Tests/LedgerWorker: what many processes do to one ledger is tested with many processes.
package enum LedgerWorker {
  package static func start(_ command: String, _ arguments: String...) throws -> ChildProcess {
    try start(command, arguments)
  }

  package static func start(_ command: String, _ arguments: [String]) throws -> ChildProcess {
    try ChildProcess(BuiltProgram.path("ledger-worker"), [command] + arguments)
  }

  /// Starts several that wait for each other: all are ready before the first goes on.
  package static func race(
    _ count: Int, _ command: String, _ arguments: String...
  ) throws -> [ChildProcess] {
    let workers = try (0..<count).map { _ in try start(command, arguments) }
    for worker in workers { _ = try worker.readLine() }
    for worker in workers { try worker.send("go") }
    return workers
  }
}
