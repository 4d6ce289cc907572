internal import Events
internal import Glibc
package import Ledger
internal import Linux
internal import Synchronization
package import Testing

/// Gives each test case one of the places for tests that start processes (``TestPlaces``), and a private directory of
/// its own, which stays, named in the log, when the test fails.
///
///     @Test(.temporaryDirectory) func `a sentence`() throws {
///       let writer = try LedgerWriter(TemporaryDirectory.ledger)
///     }
package struct TemporaryDirectory: TestTrait, SuiteTrait, TestScoping {
  @TaskLocal private static var current: String?

  package var isRecursive: Bool { true }

  /// The running test's directory. Ask for it on the test's own task, not on a thread that it started.
  package static var path: String {
    guard let current else { preconditionFailure("the test has no .temporaryDirectory") }
    return current
  }

  /// Where the running test's ledger goes; nothing is there yet.
  package static var ledger: LedgerDirectory { LedgerDirectory("\(path)/ledger") }

  @concurrent
  package func provideScope(
    for test: Test, testCase: Test.Case?,
    performing function: @concurrent @Sendable () async throws -> Void
  ) async throws {
    try await TestPlaces.run { try await run(test, testCase, function) }
  }

  @concurrent
  private func run(
    _ test: Test, _ testCase: Test.Case?, _ function: @concurrent @Sendable () async throws -> Void
  ) async throws {
    let path = try Files.makeTemporaryDirectory()
    let started = MonotonicTime.now
    defer { TestDurations.note(test, MonotonicTime.now - started) }
    let failure = Failure()
    let noticing: IssueHandlingTrait = .compactMapIssues { issue in
      failure.happened.store(true, ordering: .relaxed)
      return issue
    }
    do {
      try await noticing.provideScope(for: test, testCase: testCase) {
        try await Self.$current.withValue(path) { try await function() }
      }
    } catch {
      Self.keep(path, test)
      throw error
    }
    guard !failure.happened.load(ordering: .relaxed) else { return Self.keep(path, test) }
    // A taro in the background may still be ending; it would make its ledger again where that is removed.
    let alive = LiveProcesses.outliving(path, seconds: 30)
    guard alive.isEmpty else {
      Issue.record("outlive the test: \(alive)")
      return Self.keep(path, test)
    }
    Files.removeTree(path)
    if Files.exists(path) { Issue.record("what is left in \(path) could not be removed") }
  }

  private static func keep(_ path: String, _ test: Test) {
    say(test, "its files are in \(path)")
  }

  private static func say(_ test: Test, _ what: String) {
    try? RawIO.writeAll(2, "\(test.name): \(what)\n")
  }

  private final class Failure: Sendable {
    let happened = Atomic(false)
  }
}

extension Trait where Self == TemporaryDirectory {
  package static var temporaryDirectory: TemporaryDirectory { TemporaryDirectory() }
}
