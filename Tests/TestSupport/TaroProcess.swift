internal import Events
internal import Glibc
internal import Linux
internal import Spawn

/// A `taro` that a test has started. Every wait for it ends at its deadline; with its owner it is killed, and its job
/// with it.
package final class TaroProcess {
  package enum Stream: String, Sendable { case stdout, stderr }

  /// It did not do in time what was waited for, or ended first.
  package struct Disappointment: Error, CustomStringConvertible {
    package let description: String
  }

  package let pid: Int32
  private let name: String
  private var child: Child
  private let watch: ProcessWatch?
  private let stdin: TaroStdin
  private let stdout: TaroStream
  private let stderr: TaroStream
  private let deadline: MonotonicTime

  init(
    _ child: consuming Child, _ name: String, _ stdin: TaroStdin, _ stdout: TaroStream,
    _ stderr: TaroStream, deadline: MonotonicTime
  ) {
    for stream in [stdout, stderr] { stream.started() }
    stdin.started()
    pid = child.pid
    // Nil when it has ended already.
    watch = child.startTime.flatMap { try? ProcessWatch(pid: child.pid, startTime: $0) }
    self.child = child
    self.name = name
    self.stdin = stdin
    self.stdout = stdout
    self.stderr = stderr
    self.deadline = deadline
  }

  deinit { if child.end == nil { destroy() } }

  /// Children of this process: the job, in a group of its own.
  package var children: [Int32] {
    let bytes = RawIO.contents(of: "/proc/\(pid)/task/\(pid)/children") ?? []
    return String(decoding: bytes, as: UTF8.self).split(separator: " ").compactMap { Int32($0) }
  }

  package func signal(_ number: Int32) { kill(pid, number) }

  /// Something was printed so far that was not taken yet.
  package var hasPrinted: Bool {
    stdout.readAvailable()
    stderr.readAvailable()
    return !stdout.bytes.isEmpty || !stderr.bytes.isEmpty
  }

  package func write(_ text: String) throws { try stdin.write(text) }

  package func closeInput() { stdin.close() }

  /// The reader of that stream goes away.
  package func closeReader(_ stream: Stream) { self[stream].close() }

  /// The next line, without its end; fails at the end of the stream.
  package func readLine(_ stream: Stream = .stdout) throws -> String {
    let source = self[stream]
    while true {
      if let line = source.takeLine() { return line }
      guard source.fd != nil else {
        throw Disappointment(description: "\(stream.rawValue) has ended\n\(finishAnyhow())")
      }
      try waitForSomething("a line on \(stream.rawValue)")
    }
  }

  /// Waits until it is stopped (SIGSTOP, SIGTSTP).
  package func waitUntilStopped() throws {
    var info = siginfo_t()
    while waitid(P_PID, id_t(pid), &info, WSTOPPED | WEXITED | WNOWAIT | WNOHANG) == 0 {
      // SIGCHLD's si_code (sigaction(2)).
      if info.si_code == Int32(CLD_STOPPED) { return }
      guard info.si_code == 0, MonotonicTime.now < deadline else { break }
      // Nothing tells of it but SIGCHLD, and that is the test process's.
      _ = Poll.wait(-1, for: .readable, milliseconds: 5)
    }
    throw Disappointment(description: "not stopped\n\(finishAnyhow())")
  }

  /// Waits for the end of the process, not for that of others who hold its output open.
  package func finish() throws -> TaroResult {
    while let watch = watch.fd, !Poll.wait(watch, for: .readable, milliseconds: 0) {
      try waitForSomething("its end")
    }
    return end()
  }

  private subscript(stream: Stream) -> TaroStream { stream == .stdout ? stdout : stderr }

  private func waitForSomething(_ what: String) throws {
    var poll = Poll()
    for fd in [stdout.fd, stderr.fd, watch.fd].compactMap({ $0 }) { poll.add(fd) }
    let left = deadline - MonotonicTime.now
    guard left > 0 else {
      destroy()
      throw Disappointment(description: "killed at its deadline, waiting for \(what)\n\(end())")
    }
    poll.wait(milliseconds: Int32(clamping: left / 1000 + 1))
    stdout.readAvailable()
    stderr.readAvailable()
  }

  private func end() -> TaroResult {
    let end = child.waitUntilEnd()
    stdout.readAvailable()
    stderr.readAvailable()
    return TaroResult(
      command: name, end: end, stdout: stdout.bytes,
      stderr: String(decoding: stderr === stdout ? [] : stderr.bytes, as: UTF8.self))
  }

  private func finishAnyhow() -> TaroResult {
    destroy()
    return end()
  }

  private func destroy() {
    guard child.end == nil else { return }
    for job in children { kill(-job, SIGKILL) }
    kill(pid, SIGKILL)
    _ = child.waitUntilEnd()
  }
}

extension ProcessWatch? {
  /// Nil when there is nothing to watch.
  fileprivate var fd: Int32? {
    switch self {
    case .some(let watch): watch.fd
    case .none: nil
    }
  }
}
