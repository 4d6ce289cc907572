import Glibc
import Ledger
import Linux
import TestSupport
import Testing

/// taro in a session of its own with a terminal, as when somebody has logged in.
@Suite(.temporaryDirectory) struct ExecTerminalTests {
  @Test func `Ctrl-C reaches the job alone`() throws {
    let taro = try TaroProgram()
    // The shell is in taro's process group: the key would end it too.
    let script = """
      "$TARO" exec --id a sh -c 'echo ready; read x'; echo "code $?"
      read x; echo "got $x"
      """
    let session = try TerminalSession(taro, ["sh", "-c", script])
    try session.expect("ready")
    try session.type("\u{3}")
    try session.expect("code 130")
    // The shell can read: taro has given the terminal back.
    try session.type("typed\n")
    try session.expect("got typed")
    try session.finish()
    let (state, ending) = try #require(try taro.ending(ofJob: "a"))
    #expect(state == .interrupted)
    #expect(ending.signal == "INT")
  }

  @Test func `a job has the terminal that it would have without taro`() throws {
    let taro = try TaroProgram()
    let script = """
      "$TARO" exec --id a sh -c 'test -t 0 && read x && echo "got $x" >/dev/tty'; echo "code $?"
      "$TARO" exec -b --id b sh -c 'test -t 0 && test -t 1 && test -t 2'; echo "bypassed $?"
      """
    let session = try TerminalSession(taro, ["sh", "-c", script])
    try session.type("typed\n")
    try session.expect("got typed")
    try session.expect("code 0")
    try session.expect("bypassed 0")
    try session.finish()
  }

  @Test func `a command that cannot be executed leaves the terminal where it was`() throws {
    let taro = try TaroProgram()
    let script = "\"$TARO\" exec /no/such/command; read x; echo \"got $x\""
    let session = try TerminalSession(taro, ["sh", "-c", script])
    try session.expect("no such file")
    try session.type("typed\n")
    try session.expect("got typed")
    try session.finish()
  }

  @Test func `Ctrl-Z stops job and taro, and fg continues both`() throws {
    let taro = try TaroProgram()
    // In a file, so that what the terminal echoes is not taken for what the job says.
    let job = "echo ready; read x; echo got $x; exit 3\n"
    try Files.write(Array(job.utf8), to: "\(taro.work)/job")
    let session = try TerminalSession(taro, ["sh", "-i"])
    try session.type("\"$TARO\" exec --id a sh job\n")
    try session.expect("ready")
    let running = try taro.waitForEvent("running") { $0.kind == .state(.running) }
    let pid = Int32(Running(running.json).pid)
    let runner = Int32(try #require(try taro.created(ofJob: "a")).runnerPID)
    try session.type("\u{1a}")
    try session.expect("Stopped")
    #expect(Self.isStopped(pid))
    #expect(Self.isStopped(runner))
    try session.type("echo still $((40 + 2))\n")
    try session.expect("still 42")
    try session.type("fg\n")
    try eventually("both go on") { !Self.isStopped(pid) && !Self.isStopped(runner) }
    try session.type("typed\n")
    try session.expect("got typed")
    try session.type("echo code $?; exit\n")
    try session.expect("code 3")
    try session.finish()
    #expect(try taro.ending(ofJob: "a")?.state == .failed)
  }

  /// proc(5), the state behind the name in parentheses.
  private static func isStopped(_ pid: Int32) -> Bool {
    let stat = String(decoding: RawIO.contents(of: "/proc/\(pid)/stat") ?? [], as: UTF8.self)
    return stat.split(separator: ")").last?.hasPrefix(" T") ?? false
  }
}

/// A session whose leader has a pseudo-terminal for stdin, stdout and stderr.
private final class TerminalSession {
  private let terminal: PseudoTerminal
  private let process: TaroProcess
  private var shown = ""

  init(_ taro: TaroProgram, _ leader: [String]) throws {
    terminal = try PseudoTerminal()
    let slave = try Descriptor.open(terminal.path, O_RDWR | O_NOCTTY)
    let fd = slave.fd
    process = try taro.startShell("exec setsid -c -w \"$@\"", leader) {
      $0.stdin = .descriptor(fd)
      $0.stdout = .descriptor(fd)
      $0.stderr = .descriptor(fd)
      $0.environment["PS1"] = "prompt "
    }
  }

  func type(_ keys: String) throws { try RawIO.writeAll(terminal.master.fd, keys) }

  /// Waits until the terminal shows this, and forgets what came before.
  func expect(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    var bytes = [UInt8](repeating: 0, count: 4096)
    while true {
      if let range = shown.firstRange(of: text) {
        shown.removeSubrange(..<range.upperBound)
        return
      }
      guard Poll.wait(terminal.master.fd, for: .readable, milliseconds: 20_000),
        case .bytes(let count) = bytes.withUnsafeMutableBytes({
          RawIO.read(terminal.master.fd, into: $0)
        })
      else {
        Issue.record("not shown: \(text)\nbut: \(shown)", sourceLocation: sourceLocation)
        throw SystemCallError("read", "terminal", Errno(ETIMEDOUT))
      }
      shown += String(decoding: bytes[..<count], as: UTF8.self)
    }
  }

  /// The leader has ended.
  func finish(sourceLocation: SourceLocation = #_sourceLocation) throws {
    try process.finish().expect(code: 0, sourceLocation: sourceLocation)
  }
}
