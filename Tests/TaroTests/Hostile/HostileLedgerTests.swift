import Glibc
internal import Ledger
import Linux
import TestSupport
import Testing

/// The ledger's directory, and what stands in the place of its files.
@Suite("Hostile ledger", .temporaryDirectory)
struct HostileLedgerTests {
  enum Thing: String, CaseIterable, CustomTestStringConvertible {
    case file, directory, danglingLink, loop, fifo, device
    var testDescription: String { rawValue }

    func put(at path: String) throws {
      let result: Int32
      switch self {
      case .file: return try Files.write([], to: path)
      case .directory: result = mkdir(path, 0o700)
      case .danglingLink: result = symlink("\(path)-none", path)
      case .loop: result = symlink(path, path)
      case .fifo: result = mkfifo(path, 0o600)
      case .device: result = symlink("/dev/zero", path)
      }
      guard result == 0 else { throw SystemCallError("put", path) }
    }
  }

  /// Fast enough that nobody waits for what never comes.
  private func run(_ taro: TaroProgram, _ arguments: String...) throws -> TaroResult {
    try taro.start(bytes: arguments.map { Array($0.utf8) }) { $0.deadline = 30 }.finish()
  }

  private func expectJobFirst(_ taro: TaroProgram) throws -> TaroResult {
    let result = try run(taro, "exec", "--id", "a", "sh", "-c", "echo out; exit 3")
    result.expect(code: 3, stdout: "out\n")
    #expect(result.errorLines.count <= 1, "\(result)")
    return result
  }

  @Test(arguments: Thing.allCases.filter { $0 != .directory })
  func `the ledger's path is something else`(thing: Thing) throws {
    let taro = try TaroProgram()
    try thing.put(at: taro.ledger.path)
    try expectJobFirst(taro).expectOneLine(about: taro.ledger.path, "--ledger")
    for command in ["ps", "hist"] {
      let result = try run(taro, command)
      #expect(result.code != nil, "\(result)")
    }
    // When it is a directory after all, the run is in it.
    unlink(taro.ledger.path)
    try taro.run("exec", "true").expect(code: 0, stderr: "")
    try taro.expectRecorded("a")
  }

  static let files = [
    "ledger.db", "ledger.db-wal", "ledger.db-shm", "ledger.lock", "ledger.bell", "projections.db",
    "projections.db-wal", "run", "spool",
  ]

  /// All of them with TARO_FAULTS=full, otherwise a seeded few.
  static let places: [(file: String, thing: Thing)] = {
    let all = files.flatMap { file in Thing.allCases.map { (file, $0) } }
    guard !FaultSweep.isFull else { return all }
    var generator = SeededGenerator(for: "what stands in the place of a ledger's file")
    return Array(all.shuffled(using: &generator).prefix(10))
  }()

  @Test(arguments: places)
  func `something else is in the place of a file`(file: String, thing: Thing) throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "first", "true").expect(code: 0, stderr: "")
    try taro.run("hist").expect(code: 0, stderr: "")
    let path = "\(taro.ledger.path)/\(file)"
    Files.removeTree(path)
    try thing.put(at: path)
    _ = try expectJobFirst(taro)
    for command in [["ps"], ["hist"], ["disable", "x"], ["ledger", "verify"]] {
      let result = try taro.start(bytes: command.map { Array($0.utf8) }) { $0.deadline = 30 }
        .finish()
      #expect(result.code != nil, "\(result)")
      #expect(result.code == 0 || !result.stderr.isEmpty || command.count > 1, "\(result)")
    }
  }
}
