internal import Digests
internal import Documents
internal import Events
internal import Linux

/// Checks what a bundle says of its run: each event against the chain, the order of the run, each piece of output against its
/// event. In one pass; memory: a few lines.
struct RunCheck {
  private let fd: Int32
  private let proof: BundleProof
  private var walk: ChainWalk
  private var events: MemberLines
  private var chain: MemberLines?
  private var pieces: MemberLines
  private let output: BundleFile.Part
  /// Bytes of the output that were checked.
  private(set) var outputBytes: Int64 = 0
  private(set) var missingPieces: Int64 = 0
  private(set) var missingBytes: Int64 = 0
  /// The reason that the first of them is missing for.
  private(set) var missing: OutputPiece.Missing?
  private(set) var state: InstanceState?
  /// A link that has been read and belongs behind the next event of the run.
  private var ahead: ChainLink?

  init(
    _ file: borrowing BundleFile, _ proof: BundleProof, kept: ChainPosition?
  ) throws {
    guard let events = file.part(.events), let pieces = file.part(.pieces),
      let output = file.part(.output)
    else { throw BundleRefusal("it is no bundle") }
    guard (file.part(.chain) != nil) == proof.isLinked else {
      throw BundleRefusal("chain.jsonl is \(proof.isLinked ? "not in it" : "none of its members")")
    }
    fd = file.fd
    self.proof = proof
    let redactions = try Self.redactions(file, proof)
    walk = try ChainWalk(from: proof.from, kept: kept, redactions)
    self.events = MemberLines(events, file.fd)
    let descriptor = file.fd
    chain = file.part(.chain).map { MemberLines($0, descriptor) }
    self.pieces = MemberLines(pieces, file.fd)
    self.output = output
  }

  /// They stand behind what they tell of, so they are read first; as parts of the chain they are checked when they come.
  private static func redactions(
    _ file: borrowing BundleFile, _ proof: BundleProof
  ) throws -> Redactions {
    var redactions = Redactions()
    guard !proof.redactions.isEmpty, let part = file.part(.chain) else { return redactions }
    var lines = MemberLines(part, file.fd)
    while let line = try lines.next() {
      if case .event(let event) = ChainLine.link(line) { redactions.take(event) }
    }
    return redactions
  }

  mutating func run() throws -> ChainWalk {
    while let line = try events.next() {
      guard let linked = ChainLine.linkedEvent(line) else { throw events.damaged }
      try take(linked)
    }
    guard walk.events == proof.events, walk.events > 0,
      (state?.isTerminal ?? false) == proof.hasEnded
    else { throw BundleRefusal("events.jsonl has not all events of the run") }
    try passOthers(before: .max)
    guard walk.position == proof.head else {
      throw BundleRefusal("the chain in it does not end where proof.json says")
    }
    guard try pieces.next() == nil, outputBytes == output.size else {
      throw BundleRefusal("there is output in it that belongs to no event")
    }
    return walk
  }

  private mutating func take(_ linked: LinkedEvent) throws {
    let event = linked.event
    guard event.instance == proof.instance, event.job == proof.job, event.n == walk.events + 1,
      state?.isTerminal != true, (event.n == 1) == (event.kind == .state(.created))
    else { throw BundleRefusal("event \(event.seq) is none of the run, or not in its place") }
    if chain == nil {
      try walk.jump(to: ChainPosition(seq: event.seq - 1, digest: linked.previous))
    } else {
      try passOthers(before: event.seq)
    }
    try walk.take(linked)
    state = event.kind.state ?? state
    if event.payload != nil { try takeOutput(of: event) }
  }

  private mutating func passOthers(before seq: Seq) throws {
    while let link = try nextLink() {
      guard walk.position.seq + 1 < seq else {
        ahead = link
        return
      }
      if case .event(let event) = link, event.instance == proof.instance {
        throw BundleRefusal("event \(event.seq) belongs to the run, and is not in events.jsonl")
      }
      try walk.take(link)
    }
  }

  private mutating func nextLink() throws -> ChainLink? {
    if let link = ahead {
      ahead = nil
      return link
    }
    guard let line = try chain?.next() else { return nil }
    guard let link = ChainLine.link(line) else { throw BundleRefusal("chain.jsonl is damaged") }
    return link
  }

  private mutating func takeOutput(of event: Event) throws {
    guard let line = try pieces.next(), let piece = OutputPiece(line), piece.seq == event.seq
    else { throw BundleRefusal("the output of event \(event.seq) is not in its place") }
    let totals = OutputTotals(event.json)
    switch piece.content {
    case .missing(let reason):
      missingPieces += 1
      missingBytes &+= totals.bytes
      missing = missing ?? reason
    case .bytes(let count, let runs):
      guard count == totals.bytes,
        OutputPiece.length(of: .stdout, in: runs) == totals.stdoutBytes,
        OutputPiece.length(of: .stderr, in: runs) == totals.stderrBytes,
        count <= output.size - outputBytes
      else { throw BundleRefusal("the output of event \(event.seq) is not as long as it says") }
      var hash = SHA256Hash()
      try BundleFile.forEachPiece(fd, from: output.offset + outputBytes, count: count) {
        hash.update($0)
      }
      guard hash.finish() == event.payload else {
        throw BundleRefusal("the output of event \(event.seq) is not the one that was recorded")
      }
      outputBytes += count
    }
  }
}
