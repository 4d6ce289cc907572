package import Documents
package import Events
internal import Linux

/// Checks a bundle, without a ledger, and writes nothing.
package struct BundleCheck {
  /// A digest that was kept elsewhere, to which the bundle is to be tied.
  package var head: ChainPosition?
  /// A file of ssh-keygen's that says whose signatures count.
  package var allowedSigners: String?

  package init(head: ChainPosition? = nil, allowedSigners: String? = nil) {
    self.head = head
    self.allowedSigners = allowedSigners
  }

  /// Tells what the bundle is and proves, or why it is refused.
  /// - Throws: `SystemCallError` where the file cannot be read.
  package func run(_ path: String) throws -> BundleDocument {
    let start = MonotonicTime.now
    var document = BundleDocument(file: path)
    do {
      let file = try BundleFile.open(path)
      document.bytes = file.size
      try check(file, &document)
      document.result = isIncomplete(document) ? .incomplete : .whole
    } catch let refusal as BundleRefusal {
      document.result = .refused
      document.reason = refusal.reason
    }
    document.duration = .now - start
    return document
  }

  private func isIncomplete(_ document: BundleDocument) -> Bool {
    if document.missingPieces > 0 { return true }
    return document.against.map { $0.provenEvents < document.events } ?? false
  }

  private func check(_ file: borrowing BundleFile, _ document: inout BundleDocument) throws {
    let text = try file.contents(.manifest)
    let manifest = try BundleManifest(parsing: text)
    try compare(file, manifest)
    document.version = manifest.version
    document.madeAt = manifest.madeAt
    document.maker = .init(user: manifest.user, uid: manifest.uid, host: manifest.host)
    let digests = MemberDigests(of: file.parts, file.fd)
    // First what was changed is told: what follows from it says less.
    let content = Result { try checkContent(file, document) }
    let found = try digests.finish()
    for member in manifest.members where found[member.member] != member.digest {
      throw BundleRefusal("\(member.member.name) is not as it was made")
    }
    document = try content.get()
    try checkSignature(file, text, &document)
  }

  private func compare(
    _ file: borrowing BundleFile, _ manifest: BundleManifest
  ) throws(BundleRefusal) {
    let parts = file.parts.filter(\.member.isInManifest)
    let isSame =
      parts.count == manifest.members.count
      && zip(parts, manifest.members).allSatisfy {
        $0.member == $1.member && $0.size == $1.size
      }
    guard isSame else { throw BundleRefusal("its members are not those that manifest.json names") }
    guard file.time == manifest.madeAt.microseconds / 1_000_000 else {
      throw BundleRefusal("the times of its members are not that of manifest.json")
    }
  }

  private func checkContent(
    _ file: borrowing BundleFile, _ begun: BundleDocument
  ) throws -> BundleDocument {
    var document = begun
    let host = String(decoding: try file.contents(.host), as: UTF8.self)
    guard (try? JSON(parsing: host))?.members != nil else {
      throw BundleRefusal("host.json is damaged")
    }
    let text = String(decoding: try file.contents(.proof), as: UTF8.self)
    guard let proof = (try? JSON(parsing: text)).flatMap({ BundleProof($0) }) else {
      throw BundleRefusal("proof.json is damaged")
    }
    document.job = proof.job
    document.instance = proof.instance
    document.ledgerID = proof.ledgerID
    var run = try RunCheck(file, proof, kept: head)
    let walk = try run.run()
    document.state = run.state
    document.events = walk.events
    document.redactedEvents = walk.redacted
    document.outputBytes = run.outputBytes
    document.missingPieces = run.missingPieces
    document.missingBytes = run.missingBytes
    document.missing = run.missing?.rawValue
    document.chain = .init(
      isLinked: proof.isLinked, first: proof.from.seq + 1, head: proof.head,
      otherEvents: walk.others, gapCount: Int64(walk.gapCount), gaps: walk.gaps)
    if let head { document.against = try against(head, walk, proof) }
    return document
  }

  private func against(
    _ head: ChainPosition, _ walk: ChainWalk, _ proof: BundleProof
  ) throws(BundleRefusal) -> BundleDocument.Against {
    guard let proven = walk.proven else {
      let chain = "the chain in it goes from event \(proof.from.seq) to event \(proof.head.seq)"
      throw BundleRefusal("\(chain): it cannot be compared with event \(head.seq)")
    }
    return .init(head: head, provenEvents: proven)
  }

  private func checkSignature(
    _ file: borrowing BundleFile, _ manifest: [UInt8], _ document: inout BundleDocument
  ) throws {
    guard file.part(.signature) != nil else {
      guard allowedSigners == nil else { throw BundleRefusal("it is not signed") }
      return
    }
    let signature = try BundleSignature(armored: try file.contents(.signature))
    document.signature = try signature.check(manifest, allowedSigners: allowedSigners)
  }
}
