internal import Documents
internal import Events
internal import Glibc
internal import Linux
internal import Spawn

/// One process that asks one host, from its start to its end.
final class HostRun {
  let host: FleetHost
  let asking: Asking
  let startedAt: MonotonicTime
  /// nil: none.
  var deadline: MonotonicTime?
  private(set) var hasBegun = false
  private(set) var errors: [String] = []
  private(set) var moreErrors = 0
  private(set) var failure: HostFailure?
  /// The time at which the process had ended, while its pipes were still open.
  private(set) var endedAt: MonotonicTime?
  /// Over HTTP: what comes after this process.
  private(set) var nextSteps: [HTTPAsking.Step] = []
  private(set) var rows: Int
  /// Over HTTP: the end of the ledger, where that was asked for first.
  private(set) var found: String

  private var child: Child
  private var output: Descriptor?
  private var errorOutput: Descriptor?
  private var reader: AnswerReader
  private var http: HTTPBody?
  private var errorLine: [UInt8] = []
  private var exitCode: Int32?

  private static let mostErrors = 20
  private static let longestError = 1000

  /// - Parameters:
  ///   - step: over HTTP, which of them.
  ///   - rows: that were given before.
  init(
    _ host: FleetHost, _ asking: Asking, words: [[UInt8]], input: [UInt8]?, marker: String,
    steps: [HTTPAsking.Step]?, rows: Int, found: String, sharesTerminal: Bool, stdin file: Int32?
  ) throws(SpawnFailure) {
    self.host = host
    self.asking = asking
    self.rows = rows
    self.found = found
    startedAt = .now
    reader = AnswerReader(marker: marker, asking.form)
    if let steps, let first = steps.first {
      http = HTTPBody(first.shape, asking.http.maximumRows.map { max(0, $0 - rows) })
      nextSteps = Array(steps.dropFirst())
    }
    do {
      let out = try Descriptor.pipe()
      let err = try Descriptor.pipe()
      let source = try Self.input(input)
      var launch = Launch(
        words, stdout: out.write.fd, stderr: err.write.fd, unblockedSignals: [SIGCHLD],
        defaultSignals: [SIGPIPE, SIGINT])
      launch.stdin = file ?? source.fd
      launch.diesWithParent = true
      launch.sharesProcessGroup = sharesTerminal
      child = try launch.start()
      RawIO.setNonBlocking(out.read.fd)
      RawIO.setNonBlocking(err.read.fd)
      output = .some(Self.readEnd(out))
      errorOutput = .some(Self.readEnd(err))
    } catch { throw SpawnFailure(reason: "\(error)") }
  }

  struct SpawnFailure: Error { let reason: String }

  private static func readEnd(_ pipe: consuming Descriptor.Pipe) -> Descriptor { pipe.read }

  private static func input(_ bytes: [UInt8]?) throws(SystemCallError) -> Descriptor {
    guard let bytes else { return try Descriptor.empty() }
    // Fits into the pipe: a token is short (pipe(7)).
    let pipe = try Descriptor.pipe()
    try RawIO.writeAll(pipe.write.fd, String(decoding: bytes, as: UTF8.self))
    return readEnd(pipe)
  }

  var isShared: Bool { http == nil }

  /// The descriptors to wait for.
  var descriptors: [Int32] {
    var fds: [Int32] = []
    if let fd = output?.fd { fds.append(fd) }
    if let fd = errorOutput?.fd { fds.append(fd) }
    return fds
  }

  enum Item {
    case begun(AnswerProtocol?, found: String)
    case line([UInt8])
    case bytes(OutputStream, [UInt8])
  }

  /// Reads what is there, at most so much that others have their turn.
  func read(_ give: (Item) throws -> Void) throws {
    guard failure == nil else { return drop() }
    do {
      try readOutput(give)
      try readErrors(give)
    } catch let failure as HostFailure { fail(failure) }
  }

  private func readOutput(_ give: (Item) throws -> Void) throws {
    try Self.read(&output) { bytes in
      if http != nil { try takeHTTP(bytes, give) } else { try takeFar(bytes, give) }
    }
  }

  private func takeFar(_ bytes: ArraySlice<UInt8>, _ give: (Item) throws -> Void) throws {
    try reader.take(bytes) { try self.give($0, give) }
  }

  private func give(_ item: AnswerReader.Item, _ give: (Item) throws -> Void) throws {
    switch item {
    case .begun(let answering, let found):
      hasBegun = true
      // What a shell complained of before is nobody's business.
      if asking.form == .bytes { errors = [] }
      if asking.isEndless { deadline = nil }
      try give(.begun(answering, found: found))
    case .line(let line):
      rows += 1
      try give(.line(line))
    case .bytes(let bytes): try give(.bytes(.stdout, bytes))
    }
  }

  private func takeHTTP(_ bytes: ArraySlice<UInt8>, _ give: (Item) throws -> Void) throws {
    try http?.take(bytes) { item in
      switch item {
      case .begun:
        hasBegun = true
        if asking.isEndless { deadline = nil }
        try give(.begun(nil, found: found))
      case .line(let line):
        rows += 1
        try give(.line(line))
      case .bytes(let bytes): try give(.bytes(.stdout, bytes))
      }
    }
  }

  private func readErrors(_ give: (Item) throws -> Void) throws {
    try Self.read(&errorOutput) { bytes in
      guard !(asking.form == .bytes && hasBegun && http == nil) else {
        return try give(.bytes(.stderr, Array(bytes)))
      }
      for byte in bytes {
        if byte == 0x0a {
          finishErrorLine()
        } else if errorLine.count < Self.longestError {
          errorLine.append(byte)
        }
      }
    }
  }

  private func finishErrorLine() {
    defer { errorLine.removeAll(keepingCapacity: true) }
    if errorLine.last == 0x0d { errorLine.removeLast() }
    guard !errorLine.isEmpty else { return }
    guard errors.count < Self.mostErrors else {
      moreErrors += 1
      return
    }
    errors.append(String(decoding: errorLine, as: UTF8.self))
  }

  /// Reads and forgets: nobody looks at what comes from one that has failed already.
  private func drop() {
    try? Self.read(&output) { _ in }
    try? Self.read(&errorOutput) { _ in }
  }

  private static func read(
    _ source: inout Descriptor?, _ take: (ArraySlice<UInt8>) throws -> Void
  ) throws {
    guard let fd = source?.fd else { return }
    var result: Result<Bool, any Error> = .success(false)
    withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 1) { buffer in
      switch RawIO.read(fd, into: buffer) {
      case .bytes(let count):
        let bytes = Array(buffer[..<count])
        result = Result {
          try take(bytes[...]); return false
        }
      case .wouldBlock: break
      case .end, .failed: result = .success(true)
      }
    }
    if try result.get() { source = nil }
  }

  func fail(_ failure: HostFailure) {
    if self.failure == nil { self.failure = failure }
    kill()
  }

  /// Ends the process and everything in its group.
  func kill() { _ = child.deliver(SIGKILL) }

  /// Looks whether the process has ended.
  func look() {
    guard exitCode == nil else { return }
    while let change = child.nextChange() {
      guard case .ended(let end) = change else { continue }
      exitCode = end.exitCode
      endedAt = .now
      // Whoever is left of the group has nothing to do any more.
      child.signalGroup(SIGKILL)
      child.reap()
      return
    }
  }

  /// The process has ended, and nobody but somebody else holds its pipes.
  func isOver(at now: MonotonicTime) -> Bool {
    guard let endedAt else { return false }
    return (output?.fd == nil && errorOutput?.fd == nil) || now - endedAt > 200_000
  }

  /// The outcome, once it is over; nil: the next of its steps has to be asked.
  func outcome(_ give: (Item) throws -> Void) throws -> HostOutcome? {
    finishErrorLine()
    if failure == nil {
      do {
        if http == nil { try reader.finish { try self.give($0, give) } }
      } catch let failure as HostFailure { self.failure = failure }
    }
    if let failure { return .failed(failure) }
    let code = exitCode ?? 255
    let reading = FailureReading(errors: errors, exitCode: code, hasBegun: hasBegun)
    guard http != nil else {
      if let failure = reading.ofSSH { return .failed(failure) }
      return .answered(exitCode: code)
    }
    // A status that is no answer says more than the end of the process.
    do {
      if let failure = reading.ofHTTP, http?.isComplete != true { return .failed(failure) }
      if let end = try http?.finish({ item in
        if case .line(let line) = item {
          rows += 1
          try give(.line(line))
        }
      }) {
        switch end {
        case .next(let step): nextSteps.insert(step, at: 0)
        case .position(let position):
          found = position
          guard !nextSteps.isEmpty else { break }
          nextSteps[0].target += "&after=\(position)"
        case .nothing(let detail):
          errors.append(detail)
          return .answered(exitCode: 1)
        case .whole: break
        }
      }
    } catch let failure as HostFailure { return .failed(failure) }
    if let most = asking.http.maximumRows, rows >= most { nextSteps = [] }
    return nextSteps.isEmpty ? .answered(exitCode: 0) : nil
  }
}
