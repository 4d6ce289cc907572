internal import Documents
internal import Events
import Glibc
import Ledger
import Linux
import Maintenance
internal import Operations
import Projections

/// A small ledger made wrong in one place after the other; what everybody then says of it. Says each place before it goes
/// there, so that who reads it knows where a crash was, and each answer that is neither right nor a refusal.
struct Damage {
  enum Kind: String {
    /// Each byte changed, to whatever the seed says.
    case bytes
    /// Each bit of the headers changed: of the file, its pages and, in a WAL, its frames.
    case bits
    /// Each length that is shorter.
    case lengths
    /// Zeros from each place to the end.
    case zeros
    /// The file is not there.
    case missing
  }

  /// The ledger itself: what ledger.lock says is of this very file, so it is damaged in place.
  private let directory: LedgerDirectory
  private let files: [(name: String, bytes: [UInt8])]
  private let victim: Int
  private let kind: Kind
  private let seed: UInt64
  private let scratch: String
  private let reference: Answers
  private let head: ChainPosition

  init(_ source: LedgerDirectory, file: String, kind: Kind, seed: UInt64, scratch: String) throws {
    directory = source
    files = Self.names.map { name in
      (name, RawIO.contents(of: "\(source.path)/\(name)", limit: 1 << 24) ?? [])
    }
    guard let victim = files.firstIndex(where: { $0.name == file }) else {
      throw LedgerWorker.Usage()
    }
    self.victim = victim
    self.kind = kind
    self.seed = seed
    self.scratch = scratch
    reference = try Answers(source)
    let end = try LedgerReader(source).head()
    head = ChainPosition(seq: end.seq, digest: end.digest)
  }

  private static let names = ["ledger.db", "ledger.db-wal", "ledger.lock"]

  /// Every `stride`-th place from `first` on.
  func run(from first: Int, stride: Int) throws {
    let places = places
    for index in Swift.stride(from: first, to: places.count, by: stride) {
      try LedgerWorker.say(index)
      for wrong in try problems(with: damage(at: places[index])) {
        try LedgerWorker.say("wrong: \(kind) \(index), \(files[victim].name): \(wrong)")
      }
    }
    try LedgerWorker.say("all \(places.count)")
  }

  private var places: [Int] {
    let bytes = files[victim].bytes
    if kind == .missing { return [0] }
    guard kind == .bits else { return Array(bytes.indices) }
    let isWAL = files[victim].name.hasSuffix("wal")
    // SQLite's file format, sections 1.3, 1.6 and 4.1.
    let headers =
      isWAL
      ? [0..<32] + stride(from: 32, to: bytes.count, by: 4096 + 24).map { $0..<$0 + 24 }
      : [0..<112] + stride(from: 4096, to: bytes.count, by: 4096).map { $0..<$0 + 12 }
    return headers.flatMap { $0.flatMap { byte in (0..<8).map { byte * 8 + $0 } } }
  }

  /// As it was, but for that place.
  private func damage(at place: Int) throws -> [UInt8]? {
    var bytes: [UInt8]? = files[victim].bytes
    switch kind {
    case .bytes: bytes?[place] ^= UInt8(1 + mixed(UInt64(place)) % 255)
    case .bits: bytes?[place / 8] ^= 1 << (place % 8)
    case .lengths: bytes?.removeSubrange(place...)
    case .zeros: for index in place..<files[victim].bytes.count { bytes?[index] = 0 }
    case .missing: bytes = nil
    }
    try restore()
    let path = "\(directory.path)/\(files[victim].name)"
    if let bytes { try write(bytes, path) } else { unlink(path) }
    return bytes
  }

  /// The database keeps its inode, wherever it was put aside.
  private func restore() throws {
    let kept = Set(Self.names)
    for name in DirectoryListing.names(in: directory.path) where !kept.contains(name) {
      let path = "\(directory.path)/\(name)"
      if name.hasPrefix("ledger.db.sealed-"), !name.hasSuffix("-wal"), !name.hasSuffix("-shm") {
        rename(path, directory.database)
      } else {
        removeTree(path)
      }
    }
    for file in files { try write(file.bytes, "\(directory.path)/\(file.name)") }
    removeTree(scratch)
    mkdir(scratch, 0o700)
  }

  private func mixed(_ place: UInt64) -> UInt64 {
    let mixed = (place &+ seed) &* 0xbf58_476d_1ce4_e5b9
    return mixed ^ (mixed >> 31)
  }

  // MARK: What everybody says

  /// - Parameter bytes: of the victim; nil when it is gone.
  private func problems(with bytes: [UInt8]?) throws -> [String] {
    var problems: [String] = []
    let report = try? LedgerVerification.run(directory, against: head)
    let isGood = report?.isGood == true
    let answers = try? Answers(directory)
    if isGood, answers != reference {
      problems.append("verify calls it good, and \(answers?.difference(reference) ?? "no answer")")
    }
    if let answers, !answers.printsOnly(reference) {
      problems.append("output is printed that never was")
    }
    let isCalledGood = (try? LedgerVerification.run(directory).isGood) == true
    if let answers, !isGood, isCalledGood, !reference.events.starts(with: answers.events) {
      problems.append("verify calls it good, and it is no beginning of what was written")
    }
    // What is acknowledged is there, or its loss is told.
    let missing = answers.map { answers in reference.events.count - answers.events.count } ?? 0
    let isTold = (try? LedgerReader(directory).missing) != .some(nil)
    let isOfWAL = files[victim].name.hasSuffix("-wal") || kind == .missing
    if missing > 0, isOfWAL, !isTold {
      problems.append("\(missing) events are missing without a word")
    }
    if missing > 0, isCalledGood {
      problems.append("verify calls it good, and \(missing) events are missing")
    }
    problems += try recoveryProblems(isGood: isGood)
    // Free space in the file is nobody's promise: who wants to use it, and cannot, is refused then.
    let appended = append()
    if appended, isGood, (try? LedgerVerification.run(directory).isGood) != true {
      problems.append("verify called it good, and it is no more after an append")
    }
    if appended, files[victim].name == "ledger.lock",
      DirectoryListing.names(in: directory.path).contains(where: { $0.contains(".sealed-") })
    {
      problems.append("what ledger.lock says has put a good ledger aside")
    }
    if appended, missing > 0, let bytes, !isPutAside(bytes) {
      problems.append("\(missing) events are missing, and the rest was not put aside as it was")
    }
    return problems
  }

  /// What comes back: good, and all but what stood in one place only.
  private func recoveryProblems(isGood: Bool) throws -> [String] {
    guard !isGood else { return [] }
    let recovered = LedgerDirectory("\(scratch)/recovered")
    let made = try? LedgerRecovery.run(
      from: directory.path, into: recovered.path, by: Requester())
    guard made != nil else {
      let isOneByte = [.bytes, .bits].contains(kind) && files[victim].name.hasSuffix("-wal")
      return isOneByte ? ["nothing is recovered"] : []
    }
    guard (try? LedgerVerification.run(recovered).isGood) == true else {
      return ["what was recovered is not good"]
    }
    guard [.bytes, .bits].contains(kind), files[victim].name.hasSuffix("-wal") else { return [] }
    let count = try LedgerReader(recovered).events(after: .first, limit: .max).count
    // One byte of one frame is of one event; a page's header is of all that stand in no other frame.
    return count >= reference.events.count - Self.eventsOfOneFrame
      ? [] : ["only \(count) of \(reference.events.count) events are recovered"]
  }

  /// What the last frame of a page may have alone: a turn of `write` appends no more.
  private static let eventsOfOneFrame = 5

  private func isPutAside(_ bytes: [UInt8]) -> Bool {
    let names = DirectoryListing.names(in: directory.path)
    let suffix = files[victim].name.dropFirst("ledger.db".count)
    return names.contains { name in
      name.hasPrefix("ledger.db.sealed-") && name.hasSuffix(suffix)
        && RawIO.contents(of: "\(directory.path)/\(name)", limit: 1 << 24) == bytes
    }
  }

  /// As a run does.
  private func append() -> Bool {
    let instance = InstanceID(createdAt: .epoch)
    do throws(LedgerError) {
      let writer = try LedgerWriter(
        sealingDamage: directory, queueMilliseconds: 1000, by: .thisProcess())
      do throws(LedgerError) { try append(instance, writer) } catch {
        guard case .replaced = error else { throw error }
        try append(instance, writer)
      }
      return true
    } catch { return false }
  }

  private func append(_ instance: InstanceID, _ writer: LedgerWriter) throws(LedgerError) {
    try writer.turn(durable: false) { turn throws(LedgerError) in
      try turn.append(LedgerWorker.event(instance))
      try turn.append(LedgerWorker.event(instance, .state(.skipped)))
    }
  }

  private func removeTree(_ path: String) {
    // Not a directory: a file.
    guard let folder = opendir(path) else { return _ = unlink(path) }
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { removeTree("\(path)/\(name)") }
    }
    closedir(folder)
    rmdir(path)
  }

  private func write(_ bytes: [UInt8], _ path: String) throws {
    let file = try Descriptor.open(path, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
    try bytes.withUnsafeBytes { try RawIO.writeAll(file.fd, $0) }
  }

  /// A ledger with something of everything, in one file, or with its second half in the WAL.
  static func write(_ directory: LedgerDirectory, usesWAL: Bool) throws {
    for half in 0..<2 {
      try append(half, to: directory)
      guard half == 0 || !usesWAL else { continue }
      try LedgerWorker.checkpoint(directory)
    }
  }

  private static func append(_ half: Int, to directory: LedgerDirectory) throws {
    let writer = try LedgerWriter(directory)
    for number in 0..<2 {
      let instance = InstanceID(createdAt: .epoch + Int64(half * 2 + number) * 1_000_000)
      let text = String(repeating: "a line of text, \(number)\n", count: 20 + 60 * number)
      let chunks = [Array(text.utf8), [0xff, UInt8(half), UInt8(number), 0x0a]].map { bytes in
        let cut = bytes.count / 3
        return bytes.withUnsafeBytes {
          EncodedOutput(
            $0,
            runs: [
              OutputSegment(stream: .stdout, offset: 0, length: cut),
              OutputSegment(stream: .stderr, offset: 1500, length: bytes.count - cut),
            ])
        }
      }
      var totals = chunks.map { _ in OutputTotals() }
      for (index, chunk) in chunks.enumerated() {
        totals[index].stdoutBytes = Int64(chunk.size / 3)
        totals[index].stderrBytes = Int64(chunk.size - chunk.size / 3)
      }
      let ends: [InstanceState] = [.completed, .failed]
      var ending = Ending()
      ending.exitCode = Int64(number)
      try writer.turn(durable: false) { turn throws(LedgerError) in
        var created = Created()
        created.command = ["./backup.sh", "--full"]
        try turn.append(LedgerWorker.event(instance, .state(.created), created.json))
        try turn.append(
          LedgerWorker.event(instance, .state(.running), Running(pid: 1, started: 2, pgid: 1).json))
        for (chunk, totals) in zip(chunks, totals) {
          try turn.append(
            NewEvent(
              at: WallTime(microseconds: 1_795_358_400_000_000),
              mono: BootTime(microseconds: 86_400_000_000), job: "worker", instance: instance,
              kind: .output, data: totals.json, output: chunk))
        }
        guard half == 0 || number == 0 else { return }
        try turn.append(LedgerWorker.event(instance, .state(ends[number]), ending.json))
      }
    }
  }
}

/// What can be asked of a ledger.
private struct Answers: Equatable {
  var events: [String] = []
  /// Each instance's, by its id and stream, in pieces; empty for one that is damaged.
  var outputs: [String: [[UInt8]]] = [:]
  var live: [String] = []
  var history: [String] = []

  init(_ directory: LedgerDirectory) throws {
    let view = try LedgerSession(directory)
    events = try view.reader.events(after: .start, limit: .max).map { event in
      "\(event.digest) \(EventDocument(event).json.text)"
    }
    live = try view.projections.records(InstanceQuery(.live, isAscending: true)).map(Self.document)
    var history: [String] = []
    var instances: [InstanceID] = []
    try view.projections.forEach(InstanceQuery(.ended)) { record in
      history.append(Self.document(record))
      instances.append(record.instance)
      return true
    }
    self.history = history
    for instance in instances {
      for stream in OutputStream.allCases {
        outputs["\(instance) \(stream)"] = try Self.output(view.reader, instance, stream)
      }
    }
  }

  private static func document(_ record: InstanceRecord) -> String {
    InstanceDocument(record, bootNow: .boot).json.text
  }

  private static func output(
    _ reader: LedgerReader, _ instance: InstanceID, _ stream: OutputStream
  ) throws -> [[UInt8]] {
    var pieces: [[UInt8]] = []
    _ = try RecordedOutput(reader, instance, stream: stream).forEachPart { part in
      if case .bytes(let bytes) = part { pieces.append(Array(bytes)) } else { pieces.append([]) }
    }
    return pieces
  }

  /// No piece of output that the other has not.
  func printsOnly(_ other: Answers) -> Bool {
    outputs.allSatisfy { name, pieces in
      pieces.allSatisfy { $0.isEmpty || other.outputs[name]?.contains($0) == true }
    }
  }

  func difference(_ other: Answers) -> String {
    if events != other.events { return "its events are others" }
    if outputs != other.outputs { return "its output is another" }
    return live != other.live ? "ps says something else" : "hist says something else"
  }
}
