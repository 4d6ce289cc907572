import Glibc
import Linux
import Spawn

/// What the tests do with a launch again and again.
enum Running {
  struct Result {
    var end: ChildEnd
    var stdout: [UInt8]
    var text: String { String(decoding: stdout, as: UTF8.self) }
  }

  /// Runs a command to its end with stdout in a pipe.
  static func run(
    _ arguments: [String], change: (inout Launch) -> Void = { _ in }
  ) throws -> Result {
    try run(bytes: arguments.map { Array($0.utf8) }, change: change)
  }

  static func run(
    bytes arguments: [[UInt8]], change: (inout Launch) -> Void = { _ in }
  ) throws -> Result {
    var launch = launch(bytes: arguments)
    change(&launch)
    let output = try Capture()
    launch.stdout = output.writer
    var child = try launch.start()
    let bytes = output.readAll()
    return Result(end: child.waitUntilEnd(), stdout: bytes)
  }

  static func shell(_ script: String) -> Launch { launch(["/bin/sh", "-c", script]) }

  static func launch(_ arguments: [String]) -> Launch {
    launch(bytes: arguments.map { Array($0.utf8) })
  }

  /// Tests run on threads of Swift's pool, which block nearly all signals.
  static func launch(bytes arguments: [[UInt8]]) -> Launch {
    Launch(arguments, unblockedSignals: Array(1..<32))
  }

  /// Why a command cannot be started; nil, after its end, when it can.
  static func failure(_ arguments: [String]) -> SpawnError? {
    do {
      var child = try launch(arguments).start()
      _ = child.waitUntilEnd()
      return nil
    } catch { return error }
  }

  /// Waits until the child has a change, and leaves it to `nextChange()`.
  static func awaitChange(_ child: borrowing Child, _ kinds: Int32) {
    var info = siginfo_t()
    while waitid(P_PID, id_t(child.pid), &info, kinds | WNOWAIT) != 0, errno == EINTR {}
  }

  /// A field of /proc/PID/status, for instance "SigBlk", as `cat /proc/self/status` printed it.
  static func signals(_ field: String, in status: String) -> UInt64? {
    for line in status.split(separator: "\n") where line.hasPrefix("\(field):") {
      return UInt64(line.dropFirst(field.count + 1).drop { $0.isWhitespace }, radix: 16)
    }
    return nil
  }

  static func bit(_ signal: Int32) -> UInt64 { 1 << UInt64(signal - 1) }
}

/// A pipe for a child's output.
final class Capture {
  private let reader: Descriptor
  private var writingEnd: Descriptor?

  /// For a ``Launch``, until something is read.
  var writer: Int32 { writingEnd?.fd ?? -1 }

  init() throws {
    let pipe = try Descriptor.pipe()
    reader = pipe.read
    writingEnd = .some(pipe.write)
  }

  /// All that comes until nobody can write any more.
  func readAll() -> [UInt8] {
    writingEnd = nil
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while case .bytes(let count) = buffer.withUnsafeMutableBytes({ RawIO.read(reader.fd, into: $0) }
    ) {
      bytes += buffer[..<count]
    }
    return bytes
  }

  func readAllText() -> String { String(decoding: readAll(), as: UTF8.self) }

  func readLine() -> String {
    writingEnd = nil
    var line: [UInt8] = []
    var byte: UInt8 = 0
    while read(reader.fd, &byte, 1) == 1, byte != UInt8(ascii: "\n") { line.append(byte) }
    return String(decoding: line, as: UTF8.self)
  }
}

/// A directory with files of a test's own; removed at the end.
struct Files: ~Copyable {
  let path: String

  init() throws {
    let parent = Environment.value("TMPDIR") ?? "/tmp"
    var template = Array("\(parent)/spawn-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemCallError("mkdtemp") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { _ = try? Running.run(["rm", "-rf", path]) }

  /// Writes a file and returns its path.
  func file(_ name: String, _ contents: [UInt8], mode: UInt32 = 0o755) throws -> String {
    let file = "\(path)/\(name)"
    let descriptor = try Descriptor.open(file, O_WRONLY | O_CREAT | O_TRUNC, mode: mode)
    try contents.withUnsafeBytes { try RawIO.writeAll(descriptor.fd, $0) }
    return file
  }

  func file(_ name: String, _ contents: String, mode: UInt32 = 0o755) throws -> String {
    try file(name, Array(contents.utf8), mode: mode)
  }
}
