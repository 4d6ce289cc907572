internal import Glibc
internal import Linux
internal import Spawn

/// One running plugin: what it has still to be told, what it says on stderr, how it ended. Part of the host's thread.
final class PluginProcess {
  /// Bytes that wait for a plugin that does not read; what comes beyond them is dropped.
  private static let backlogLimit = 1 << 20
  /// Lines of its stderr that are logged.
  private static let lineLimit = 100

  let name: String
  private var child: Child
  private var watch: ProcessWatch?
  private var stdin: Descriptor?
  private var stderr: Descriptor?
  private var backlog: [UInt8] = []
  private var sent = 0
  private var isComplete = false
  private var partial: [UInt8] = []
  private var lines = 0
  private let log: RunLog
  /// Events that it was too slow for.
  private var dropped = 0
  /// Events that came when it did not take any more.
  private var missed = 0

  /// Starts it. - Throws: `SpawnError`, `SystemCallError`.
  init(_ plugin: Plugin, path: String, variables: [[UInt8]], _ log: RunLog) throws {
    let (input, errors) = (try Pipe(), try Pipe())
    let null = try Descriptor.discarding()
    var launch = Launch(
      [Array(path.utf8)], stdout: null.fd, stderr: errors.write?.fd,
      defaultSignals: [SIGPIPE, SIGXFSZ])
    launch.signalMask = .blockedByCaller
    launch.stdin = input.read?.fd
    // What else taro has inherited is for the job: locks and pipes of the caller among it.
    launch.closesOthers = true
    launch.variables = variables
    let child = try launch.start()
    input.read = nil
    errors.write = nil
    name = plugin.name
    watch = child.startTime.flatMap { try? ProcessWatch(pid: child.pid, startTime: $0) }
    self.log = log
    self.child = child
    stdin = input.write.take()
    stderr = errors.read.take()
    if let fd = stdin?.fd { RawIO.setNonBlocking(fd) }
    if let fd = stderr?.fd { RawIO.setNonBlocking(fd) }
  }

  var hasEnded: Bool { child.end != nil }

  func take(_ line: [UInt8]) {
    guard stdin != nil else {
      missed += 1
      return
    }
    guard backlog.count - sent + line.count <= Self.backlogLimit else {
      dropped += 1
      return
    }
    backlog += line
    write()
  }

  /// So many events were dropped before they could be given to it.
  func skip(_ count: Int) { dropped += count }

  /// Nothing more will come: its stdin ends when it has taken what there is.
  func complete() {
    isComplete = true
    closeWhenEmpty()
  }

  func addInterest(to poll: inout Poll) {
    if let fd = stdin?.fd, sent < backlog.count { poll.add(fd, .writable) }
    if let fd = stderr?.fd { poll.add(fd) }
    switch watch {
    case .some(let watch): if !hasEnded { poll.add(watch.fd) }
    case .none: break
    }
  }

  /// Does what can be done without waiting.
  func work() {
    write()
    readErrors()
    while let change = child.nextChange() {
      if case .ended(let end) = change { ended(end) }
    }
    child.reap()
  }

  func signal(_ number: Int32) { _ = child.signalGroup(number) }

  private func write() {
    while let fd = stdin?.fd, sent < backlog.count {
      let transfer = backlog.withUnsafeBytes {
        RawIO.write(fd, UnsafeRawBufferPointer(rebasing: $0[sent...]))
      }
      switch transfer {
      case .bytes(let count): sent += count
      case .wouldBlock: return
      // It has closed its stdin, or ended: it wants no more.
      case .end, .failed: abandon()
      }
    }
    if sent > 1 << 16 {
      backlog.removeFirst(sent)
      sent = 0
    }
    closeWhenEmpty()
  }

  /// It takes nothing more: what it was still to be told, it is not.
  private func abandon() {
    if stdin != nil { missed += backlog[sent...].count { $0 == UInt8(ascii: "\n") } }
    backlog = []
    sent = 0
    stdin = nil
  }

  private func closeWhenEmpty() {
    if isComplete, sent == backlog.count { stdin = nil }
  }

  private func readErrors() {
    var buffer = [UInt8](repeating: 0, count: 4096)
    // Not for ever: who writes without end is not to keep this thread from its end.
    for _ in 0..<16 {
      guard let fd = stderr?.fd else { return }
      switch buffer.withUnsafeMutableBytes({ RawIO.read(fd, into: $0) }) {
      case .bytes(let count): takeErrors(buffer[..<count])
      case .wouldBlock: return
      case .end, .failed: stderr = nil
      }
    }
  }

  private func takeErrors(_ bytes: ArraySlice<UInt8>) {
    for byte in bytes {
      guard byte == UInt8(ascii: "\n") else {
        if partial.count < 1000 { partial.append(byte) }
        continue
      }
      say()
    }
  }

  private func say() {
    defer { partial = [] }
    guard !partial.isEmpty, lines < Self.lineLimit else { return }
    lines += 1
    log.plugin("plugin_says", name, String(decoding: partial, as: UTF8.self))
  }

  private func ended(_ end: ChildEnd) {
    readErrors()
    say()
    abandon()
    switch end.outcome {
    case .exited(0): break
    case .exited(let code): log.plugin("plugin_failed", name, "exit code \(code)")
    case .killed(let signal, _):
      log.plugin("plugin_failed", name, "killed by signal \(Signals.name(signal))")
    }
  }

  /// Says what it could not take, when the run is over. One that has ended by itself after the last event has missed
  /// nothing, whoever was faster.
  func report() {
    if missed > 0 {
      log.plugin("plugin_ended", name, "it ended before the run did; events not told: \(missed)")
    }
    if dropped > 0 {
      log.plugin("plugin_failed", name, "it did not read; events dropped: \(dropped)")
    }
    if !hasEnded {
      log.plugin("plugin_failed", name, "it cannot be killed (pid \(child.pid)), and is left alone")
    }
  }
}

/// A pipe whose ends go different ways.
private final class Pipe {
  var read: Descriptor?
  var write: Descriptor?

  init() throws(SystemCallError) {
    let pipe = try Descriptor.pipe()
    read = .some(pipe.read)
    write = .some(pipe.write)
  }
}
