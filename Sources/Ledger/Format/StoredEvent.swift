internal import Digests
package import Events
package import SQLite

/// An event as it stands in the file, before anything of it is believed.
package struct StoredEvent: Sendable {
  package static let columns = "seq, at, mono, job, instance, n, kind, data, payload, digest"

  package let seq: Seq
  package let at: WallTime
  package let mono: BootTime
  package let job: String?
  package let instance: String?
  package let n: Int64?
  package let kind: String
  package let data: String
  package let hasPayload: Bool
  /// The digest of its output; nil when there is none, or it is not 32 bytes long.
  package let payload: Digest?
  package let digest: Digest?
  /// The digests that it has where its contents were redacted.
  package var replacement: Redactions.Replacement?
  /// Looked for where there is a payload.
  package var chunk = Chunk.absent

  package enum Chunk: Sendable {
    case absent
    case unreadable(String)
    case stored(StoredChunk)
  }

  package init(
    seq: Seq, at: WallTime, mono: BootTime, job: String?, instance: String?, n: Int64?,
    kind: String,
    data: String, hasPayload: Bool, payload: Digest?, digest: Digest?
  ) {
    (self.seq, self.at, self.mono, self.n) = (seq, at, mono, n)
    (self.job, self.instance, self.kind, self.data) = (job, instance, kind, data)
    (self.hasPayload, self.payload, self.digest) = (hasPayload, payload, digest)
  }

  /// - Parameter row: of `columns`.
  package init(_ row: borrowing Statement) {
    seq = row.seq(0)
    at = row.wallTime(1)
    mono = row.bootTime(2)
    job = row.optionalText(3)
    instance = row.optionalText(4)
    n = row.optionalInteger(5)
    kind = row.text(6)
    data = row.text(7)
    hasPayload = !row.isNull(8)
    payload = row.digest(8)
    digest = row.digest(9)
  }

  /// Returns the digest that the event must have, after that one.
  package func digest(after previous: Digest) -> Digest {
    let computed = Chain.digest(
      previous: previous, seq: seq, at: at, mono: mono, job: job, instance: instance, n: n,
      kind: kind, data: data, payload: payload)
    return replacement?.digest(computed) ?? computed
  }

  package var instanceID: InstanceID? { instance.flatMap { InstanceID($0) } }
  package var eventKind: EventKind { EventKind(name: kind) }

  /// The reason why it is no event, whatever its digest says; nil when it is one.
  package var malformation: String? {
    if digest == nil { return "its digest is not 32 bytes long" }
    if hasPayload, payload == nil { return "its payload is not 32 bytes long" }
    if instance != nil, instanceID == nil { return "its instance is no instance id" }
    if (instance == nil) != (n == nil) { return "it has one of instance and n without the other" }
    if (eventKind == .output) != hasPayload {
      return hasPayload ? "it has a payload and is no output" : "it is output without a payload"
    }
    guard let data = try? JSON(parsing: data), data.members != nil else {
      return "its data is no JSON object"
    }
    return nil
  }
}

/// A chunk as it is stored, before anything of it is believed: a row of the table of output.
package struct StoredChunk: Sendable {
  package let codec: Int64
  package let size: Int64
  package let runs: [UInt8]
  package let data: [UInt8]

  package init(codec: Int64, size: Int64, runs: [UInt8], data: [UInt8]) {
    self.codec = codec
    self.size = size
    self.runs = runs
    self.data = data
  }

  /// - Parameter row: codec, size, runs, data.
  package init(_ row: borrowing Statement) {
    codec = row.integer(0)
    size = row.integer(1)
    runs = row.bytes(2)
    data = row.bytes(3)
  }

  package var decoded: OutputChunk? {
    unsafe data.withUnsafeBytes {
      unsafe OutputChunk(codec: codec, size: size, runs: runs, data: $0)
    }
  }
}
