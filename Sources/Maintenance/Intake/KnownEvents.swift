internal import Events
internal import Ledger

/// The events that a ledger has of one instance behind a position: those that an intake which was killed has appended,
/// and between them others'. Asked for in the order in which they were spooled. In memory are a page of them, and bits
/// that say which are there not at all, whatever number there is.
struct KnownEvents {
  private let reader: LedgerReader
  private let instance: InstanceID
  /// Up to here they were met or passed over.
  private var n: Int64
  /// The events that follow.
  private var page: ArraySlice<Event> = []
  /// The page has the last of them.
  private var isWhole = false
  /// The events behind the first page; nil while none has come.
  private var rest: Presence?

  static let pageSize = 256

  init(_ reader: LedgerReader, _ instance: InstanceID, after n: Int64) throws(LedgerError) {
    (self.reader, self.instance, self.n) = (reader, instance, n)
    page = try nextPage(after: n)
    isWhole = page.count < Self.pageSize
    guard !isWhole, let last = page.last?.n else { return }
    rest = try Presence(reader, instance, after: last)
  }

  /// True when it stands in the ledger behind those that were met. From then on what stands before it is met as well:
  /// what was appended of a spool stands there in the spool's order.
  mutating func meets(_ event: NewEvent) throws(LedgerError) -> Bool {
    if let index = page.firstIndex(where: { $0.isSame(as: event) }) {
      page = page[(index + 1)...]
      return true
    }
    guard !isWhole, rest?.mayHave(event) ?? true else { return false }
    var last = page.last?.n ?? n
    while true {
      let next = try nextPage(after: last)
      guard let end = next.last?.n else { return false }
      if let index = next.firstIndex(where: { $0.isSame(as: event) }) {
        (page, n, isWhole) = (next[(index + 1)...], end, next.count < Self.pageSize)
        return true
      }
      last = end
    }
  }

  private func nextPage(after n: Int64) throws(LedgerError) -> ArraySlice<Event> {
    try reader.events(of: instance, after: n, withOutput: true, limit: Self.pageSize)[...]
  }
}

/// Says which events are surely not there: a Bloom filter of 4 MiB. Of a million events one in some thousand that are not there
/// looks as if it were.
private struct Presence {
  private var words: [UInt64]
  private static let bits = 1 << 25

  init(
    _ reader: LedgerReader, _ instance: InstanceID, after n: Int64
  ) throws(LedgerError) {
    words = Array(repeating: 0, count: Self.bits / 64)
    var last = n
    while true {
      let page = try reader.events(of: instance, after: last, withOutput: true, limit: 1000)
      guard let end = page.last?.n else { return }
      for event in page {
        for bit in Self.places(event.at, event.mono, event.kind) {
          words[bit / 64] |= 1 << UInt64(bit % 64)
        }
      }
      last = end
    }
  }

  func mayHave(_ event: NewEvent) -> Bool {
    Self.places(event.at, event.mono, event.kind).allSatisfy {
      words[$0 / 64] & (1 << UInt64($0 % 64)) != 0
    }
  }

  private static func places(_ at: WallTime, _ mono: BootTime, _ kind: EventKind) -> [Int] {
    var hasher = Hasher()
    hasher.combine(at.microseconds)
    hasher.combine(mono.microseconds)
    hasher.combine(kind)
    let hash = UInt(bitPattern: hasher.finalize())
    let (first, step) = (hash & 0xffff_ffff, hash >> 32 | 1)
    return (0..<4).map { Int((first &+ $0 &* step) % UInt(bits)) }
  }
}
