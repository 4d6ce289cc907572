package import Documents
package import Events
internal import Glibc
internal import Linux
internal import Spawn

/// Asks many hosts at once, and hands on what each says as it says it. One thread, one loop: no host waits for another,
/// and of each answer no more is kept than a line.
package final class FanOut {
  package enum Happening {
    /// The answer begins. `found` is the end of the ledger, where it was asked for.
    case begun(AnswerProtocol?, found: String)
    case line([UInt8])
    case bytes(OutputStream, [UInt8])
    /// With the first lines of the far side's stderr, and how many more there were.
    case ended(HostOutcome, errors: [String], more: Int)
  }

  package let hosts: [FleetHost]
  private let settings: FanOutSettings
  private let asking: (Int) -> Asking
  private let marker: String
  private var waiting: [(host: Int, at: MonotonicTime)]
  private var running: [Int: HostRun] = [:]
  /// Something of the caller's that is due then; asked before each wait.
  package var wakeAt: () -> MonotonicTime? = { nil }
  /// Called after each wait.
  package var woken: () throws -> Void = {}
  /// Called when a host's turn has come.
  package var starting: (Int) -> Void = { _ in }
  /// A file that becomes stdin on the far side; nil: nothing is there to be read.
  package var input: (Int) -> Int32? = { _ in nil }
  private var isEnded = false

  /// - Parameter asking: what is asked of the host of that number; asked when its turn has come.
  package init(
    _ hosts: [FleetHost], _ settings: FanOutSettings, asking: @escaping (Int) -> Asking
  ) {
    self.hosts = hosts
    self.settings = settings
    self.asking = asking
    let now = MonotonicTime.now
    waiting = hosts.indices.map { ($0, now) }
    var generator = SystemRandomNumberGenerator()
    marker = "answer-" + String(generator.next() as UInt64, radix: 36)
  }

  /// Asks a host once more, then.
  package func askAgain(_ host: Int, at time: MonotonicTime) { waiting.append((host, time)) }

  /// Asks nobody any more, and ends who is being asked.
  package func end() {
    isEnded = true
    waiting = []
    for run in running.values { run.kill() }
  }

  /// Returns when every host has answered, or `handle` has thrown.
  ///
  /// What `handle` throws ends all, unless it is a ``HostFailure``: that is the host's, whose answer it was.
  package func run(_ handle: @escaping (Int, Happening) throws -> Void) throws {
    let ends = try SignalQueue([SIGCHLD])
    defer { for run in running.values { run.kill() } }
    var ready = ReadyList()
    while !isEnded, !waiting.isEmpty || !running.isEmpty {
      try startDue(handle)
      // None of those whose turn has come could be asked.
      if waiting.isEmpty, running.isEmpty { break }
      ready.removeAll()
      ready.add(ends.fd, owner: -1)
      for (host, run) in running {
        for fd in run.descriptors { ready.add(fd, owner: host) }
      }
      let owners = Set(ready.wait(milliseconds: time()))
      for host in owners where host >= 0 { try read(host, handle) }
      if owners.contains(-1) {
        while ends.next() != nil {}
        for run in running.values { run.look() }
      }
      try expire()
      try settle(handle)
      try woken()
    }
  }

  private func time() -> Int32 {
    var next: MonotonicTime?
    func consider(_ time: MonotonicTime?) {
      guard let time else { return }
      next = next.map { min($0, time) } ?? time
    }
    if running.count < settings.parallel { for entry in waiting { consider(entry.at) } }
    for run in running.values {
      consider(run.deadline)
      consider(run.endedAt.map { $0 + 201_000 })
    }
    consider(wakeAt())
    return next?.millisecondsLeft ?? -1
  }

  private func startDue(_ handle: (Int, Happening) throws -> Void) throws {
    let now = MonotonicTime.now
    while running.count < settings.parallel,
      let index = waiting.firstIndex(where: { $0.at <= now })
    {
      let host = waiting.remove(at: index).host
      starting(host)
      let asking = asking(host)
      try start(host, asking, asking.http.steps, handle)
    }
  }

  private func start(
    _ host: Int, _ asking: Asking, _ steps: [HTTPAsking.Step], after former: HostRun? = nil,
    _ handle: (Int, Happening) throws -> Void
  ) throws {
    let target = hosts[host]
    do throws(HostFailure) {
      let call = try call(target, asking, steps)
      let run: HostRun
      do throws(HostRun.SpawnFailure) {
        run = try HostRun(
          target, asking, words: call.words, input: call.input, marker: marker,
          steps: call.isHTTP ? steps : nil, rows: former?.rows ?? 0, found: former?.found ?? "",
          sharesTerminal: settings.mayAsk && !call.isHTTP, stdin: input(host))
      } catch { throw HostFailure(.connect, error.reason) }
      run.deadline =
        (former?.startedAt ?? run.startedAt) + (settings.timeout ?? FanOutSettings.patience)
      running[host] = run
    } catch { try handle(host, .ended(.failed(error), errors: [], more: 0)) }
  }

  private func call(
    _ host: FleetHost, _ asking: Asking, _ steps: [HTTPAsking.Step]
  ) throws(HostFailure) -> (words: [[UInt8]], input: [UInt8]?, isHTTP: Bool) {
    switch host.way {
    case .ssh(let address):
      var ssh = settings.ssh
      ssh.keepsAlive = ssh.socketDirectory != nil || asking.isEndless
      let command = asking.command(for: host, program: settings.program, marker: marker)
      return (ssh.words(address, command: command), nil, false)
    case .rest(let address):
      if let refusal = asking.http.refusal { throw HostFailure(.version, refusal) }
      guard let step = steps.first else { throw AnswerReader.noAnswer }
      var command = HTTPCommand(
        target: step.target, timeout: asking.isEndless ? nil : settings.timeout,
        connectTimeout: settings.ssh.connectTimeout)
      command.method = step.method
      command.body = step.body?.text
      return (command.words(address), try Self.credentials(address), true)
    }
  }

  /// The field with the token, a line.
  private static func credentials(_ address: RESTAddress) throws(HostFailure) -> [UInt8] {
    guard let path = address.tokenFile else { return Array("\n".utf8) }
    guard let bytes = RawIO.contents(of: path, limit: 4096) else {
      throw HostFailure(.authentication, "the token cannot be read: \(path)")
    }
    let token = bytes.filter { $0 > 0x20 && $0 < 0x7f }
    guard !token.isEmpty, token.count <= 1024 else {
      throw HostFailure(.authentication, "there is no token in \(path)")
    }
    return Array("Authorization: Bearer ".utf8) + token + [0x0a]
  }

  private func read(_ host: Int, _ handle: (Int, Happening) throws -> Void) throws {
    guard let run = running[host] else { return }
    try run.read { try handle(host, Self.happening($0)) }
  }

  private static func happening(_ item: HostRun.Item) -> Happening {
    switch item {
    case .begun(let answering, let found): .begun(answering, found: found)
    case .line(let line): .line(line)
    case .bytes(let stream, let bytes): .bytes(stream, bytes)
    }
  }

  private func expire() throws {
    let now = MonotonicTime.now
    for run in running.values {
      guard let deadline = run.deadline, deadline <= now, run.endedAt == nil else { continue }
      run.deadline = nil
      let time = DurationText.short(now - run.startedAt)
      run.fail(HostFailure(.timeout, run.hasBegun ? "not done in \(time)" : "no answer in \(time)"))
    }
  }

  private func settle(_ handle: (Int, Happening) throws -> Void) throws {
    let now = MonotonicTime.now
    for (host, run) in running where run.isOver(at: now) {
      running[host] = nil
      if let outcome = try run.outcome({ try handle(host, Self.happening($0)) }) {
        try handle(host, .ended(outcome, errors: run.errors, more: run.moreErrors))
      } else {
        try start(host, run.asking, run.nextSteps, after: run, handle)
      }
    }
  }
}
