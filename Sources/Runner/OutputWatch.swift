internal import Events
internal import Ledger
internal import Linux
internal import Matching

/// Looks for lines that somebody wants to be warned of. Part of the recorder's thread.
///
/// Looking never holds the job up for long: a chunk of 256 KiB may take so much processor time and no more, and when
/// the recorder has fallen behind, little more than recording it takes anyway. What was not looked at is counted.
struct OutputWatch {
  private static let allowance: Int64 = 100_000
  /// 26 MB/s. An ordinary pattern looks through 400 to 1000 MB/s [measured], so it is never cut short.
  private static let allowanceWhenBehind: Int64 = 10_000

  private var rules: [Rule]
  private var stdout = LineAssembly()
  private var stderr = LineAssembly()

  init(_ expressions: [RegularExpression]) { rules = expressions.map(Rule.init) }

  /// - Parameter isBehind: the recorder does not keep up with the job.
  mutating func take(
    _ bytes: UnsafeRawBufferPointer, _ runs: [OutputSegment], isBehind: @autoclosure () -> Bool
  ) {
    guard !rules.isEmpty else { return }
    var allowance = TimeAllowance(
      microseconds: isBehind() ? Self.allowanceWhenBehind : Self.allowance)
    var start = 0
    for run in runs {
      let piece = UnsafeRawBufferPointer(rebasing: bytes[start..<start + run.length])
      start += run.length
      changeLines(of: run.stream) { assembly, rules in
        assembly.take(piece) { Self.look(at: $0, &rules, &allowance) }
      }
    }
  }

  /// Bytes that could not be taken in.
  mutating func miss(_ lost: OutputTotals) {
    guard !rules.isEmpty else { return }
    stdout.miss(lost.stdoutBytes)
    stderr.miss(lost.stderrBytes)
  }

  /// There is no more output.
  mutating func finish() {
    var allowance = TimeAllowance(microseconds: Self.allowance)
    for stream in [OutputStream.stdout, .stderr] {
      changeLines(of: stream) { assembly, rules in
        assembly.finish { Self.look(at: $0, &rules, &allowance) }
      }
    }
  }

  private mutating func changeLines(
    of stream: OutputStream, _ body: (inout LineAssembly, inout [Rule]) -> Void
  ) {
    switch stream {
    case .stdout: body(&stdout, &rules)
    case .stderr: body(&stderr, &rules)
    }
  }

  private static func look(
    at line: UnsafeRawBufferPointer, _ rules: inout [Rule], _ allowance: inout TimeAllowance
  ) {
    for index in rules.indices { rules[index].look(at: line, &allowance) }
  }

  // MARK: Telling

  /// The time at which `due` has something; nil when there is nothing new.
  var dueAt: MonotonicTime? { rules.lazy.compactMap(\.dueAt).min() }

  /// Returns the warnings that are to be told now.
  mutating func due() -> [Warning] {
    guard !rules.isEmpty else { return [] }
    let now = MonotonicTime.now
    return rules.indices.compactMap { index in
      guard let dueAt = rules[index].dueAt, now >= dueAt else { return nil }
      return rules[index].warning(now, lostBytes)
    }
  }

  /// Returns the warnings that have not been told, at the end.
  mutating func rest() -> [Warning] {
    rules.indices.compactMap { index in
      rules[index].isTold(lostBytes) ? nil : rules[index].warning(nil, lostBytes)
    }
  }

  /// Bytes that not every pattern was looked for in.
  var unmatchedBytes: Int64 { lostBytes + (rules.map(\.unmatchedBytes).max() ?? 0) }

  private var lostBytes: Int64 { stdout.lostBytes + stderr.lostBytes }

  /// One pattern, and what came of it.
  private struct Rule {
    private static let interval: Int64 = 1_000_000
    /// Bytes of a line that are told.
    private static let lastLimit = 500

    private let text: String
    private let matcher: Matcher
    private var count: Int64 = 0
    private var last: [UInt8] = []
    private(set) var unmatchedBytes: Int64 = 0
    private var told = (count: Int64(0), unmatchedBytes: Int64(0), at: MonotonicTime?.none)

    init(_ expression: RegularExpression) {
      text = expression.pattern
      matcher = Matcher(expression)
    }

    mutating func look(at line: UnsafeRawBufferPointer, _ allowance: inout TimeAllowance) {
      switch matcher.find(in: line, &allowance) {
      case .notFound: break
      case .gaveUp: unmatchedBytes += Int64(line.count)
      case .found:
        count += 1
        last.replaceSubrange(last.indices, with: line.prefix(Self.lastLimit))
      }
    }

    /// The first match at once; the others when their time has come.
    var dueAt: MonotonicTime? {
      count == told.count ? nil : told.at.map { $0 + Self.interval } ?? .zero
    }

    func isTold(_ lostBytes: Int64) -> Bool {
      count == told.count && unmatchedBytes + lostBytes == told.unmatchedBytes
    }

    /// Says how often it has matched; that counts as told.
    mutating func warning(_ now: MonotonicTime?, _ lostBytes: Int64) -> Warning {
      told = (count, unmatchedBytes + lostBytes, now)
      return Warning(
        kind: .output, text: text, count: count,
        last: count == 0 ? nil : String(decoding: last, as: UTF8.self),
        unmatchedBytes: told.unmatchedBytes)
    }
  }
}
