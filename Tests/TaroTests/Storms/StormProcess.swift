internal import Events
import Glibc
import Linux
import Spawn
import TestSupport

/// A `taro` in a storm. What it prints goes to files, which stay when it is killed.
final class StormProcess {
  let name: String
  let process: TaroProcess
  private(set) var result: TaroResult?
  private let output: String
  private let errors: String

  init(_ taro: TaroProgram, _ name: String, _ words: [String]) throws {
    self.name = name
    let (output, errors) = ("\(taro.root)/\(name).out", "\(taro.root)/\(name).err")
    (self.output, self.errors) = (output, errors)
    process = try taro.start(bytes: words.map { Array($0.utf8) }) {
      $0.stdout = .file(output)
      $0.stderr = .file(errors)
      $0.deadline = 120
    }
  }

  /// Its exit code; nil while it runs, and when it was killed.
  var code: Int32? { result?.code }
  /// The signal that has ended it: the storm's, or the one that its job has died of.
  var signal: Int32? {
    guard let result, case .killed(let signal, _) = result.end.outcome else { return nil }
    return signal
  }
  var wasKilled: Bool { result.map { $0.code == nil } ?? false }

  /// Waits for its end.
  @discardableResult
  func finish() throws -> TaroResult {
    let result = try self.result ?? process.finish()
    self.result = result
    return result
  }

  /// True when it has not ended yet; it stays a zombie until `finish`, so its number is its own.
  var isLive: Bool {
    let state = (try? Files.text("/proc/\(process.pid)/stat"))?.split(separator: ")").last
    return result == nil && state?.hasPrefix(" Z") == false
  }

  func stdout() throws -> [UInt8] { try Files.contents(output) }
  func stderr() throws -> String { try Files.text(errors) }

  /// The lines that it has printed whole.
  func lines() throws -> [String] {
    try Files.text(output).split(separator: "\n", omittingEmptySubsequences: false).dropLast()
      .map(String.init)
  }
}

/// A run in a storm: what it was asked to be.
struct StormRunner {
  enum Gate: CaseIterable { case none, slot, alone, latch, delay }

  /// Its name in the ledger: the parameter `run`.
  let tag: String
  let job: String
  let gate: Gate
  let lines: Int
  /// Bytes that nobody knows beforehand.
  let noise: Int
  let code: Int32
  let process: StormProcess

  /// What the job prints when nobody ends it first; nil when nobody knows.
  var expectedOutput: [UInt8]? {
    guard noise == 0 else { return nil }
    return Array(
      ["", " again"].map { part in (0..<lines).map { "\(tag)\(part) \($0 + 1)\n" }.joined() }
        .joined().utf8)
  }
  var expectedErrors: String { "\(tag) on stderr\n" }

  /// Takes one of the locks $1 1 to $1 $2 for as long as it runs, and complains when none is free.
  private static let script = """
    if test -n "$1"; then
      i=1; held=
      while test $i -le $2; do
        exec 9>>"$1$i"; if flock -n 9; then held=$i; break; fi; i=$((i + 1))
      done
      test -n "$held" || echo "$5" >>overlaps
    fi
    seq -f "$5 %g" 1 $3 9>&-
    head -c $6 /dev/urandom 9>&-
    echo "$5 on stderr" >&2
    sleep $7 9>&-
    seq -f "$5 again %g" 1 $3 9>&-
    exit $4
    """

  /// How many of the group `slot` run at once.
  static let places = 2

  static func random(
    _ taro: TaroProgram, _ tag: String, latch: String?, _ random: inout SeededGenerator
  ) throws -> StormRunner {
    var gate = Gate.allCases[random.below(Gate.allCases.count)]
    if gate == .latch, latch == nil { gate = .none }
    let job = gate == .alone ? "alone" : tag
    let lines = random.chance(10) ? 4000 : random.below(40)
    let noise = random.chance(4) ? 1_300_000 : 0
    let code = random.chance(30) ? Int32(random.below(100)) : 0
    var words = ["exec", "--id", job, "--param", "run=\(tag)"]
    switch gate {
    case .none: break
    case .slot: words += ["-m", "\(places)", "-g", "slot"]
    case .alone: words += ["--no-overlap"]
    case .latch: words += ["--pending", latch ?? ""]
    case .delay: words += ["--delay", "\(random.below(30))ms"]
    }
    if random.chance(10) { words += ["--timeout", "\(1 + random.below(40))ms"] }
    let lock = gate == .slot ? "slot" : gate == .alone ? "alone" : ""
    words += [
      "sh", "-c", script, "sh", lock, "\(gate == .slot ? places : 1)", "\(lines)", "\(code)", tag,
      "\(noise)", "0.0\(random.below(4))",
    ]
    return StormRunner(
      tag: tag, job: job, gate: gate, lines: lines, noise: noise, code: code,
      process: try StormProcess(taro, tag, words))
  }
}

/// A `taro wait` in a storm.
struct StormWait {
  static let states: [InstanceState] = [.completed, .failed, .stopped, .lost, .skipped]

  let process: StormProcess
  /// It waits for the runs of this round: `r3-*`.
  let prefix: String
  let count: Int
  /// The ledger's end before it was started.
  let before: Seq
  /// The same when it was seen to watch; nil when it had ended by then.
  let watching: Seq?
}

/// A `taro listen --all -f jsonl` in a storm.
struct StormListener {
  let process: StormProcess
  /// It prints what comes after this; nil for one with a checkpoint.
  let since: Seq?
}
