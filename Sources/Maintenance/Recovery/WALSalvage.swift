internal import Events
internal import Glibc
internal import Ledger
internal import Linux

/// Events and output that stand in the pages of a WAL, also where no tree of the database leads to them: each page in each
/// state that a frame has of it. The last page of a table is written anew by each commit, so most of what a bad frame held stands in
/// another. Bad frames are read too: of what they hold, the chain of digests proves what is right.
///
/// Memory: 40 bytes for each row, of which a WAL of 16 MiB has some 50,000, and 16 for each frame.
final class WALSalvage {
  /// The place of a row.
  private struct Place {
    let frame: UInt32
    let offset: UInt16
    /// True when a frame that has the row like this is whole.
    var isWhole: Bool
    /// The hash of its bytes: the same row in many frames is one place.
    let mark: Int
  }

  struct Candidate {
    let event: StoredEvent
    /// It stands in a frame whose checksum is right.
    let isWhole: Bool
  }

  private final class Database {
    let file: Descriptor

    init?(_ path: String) {
      do throws(SystemCallError) {
        let file = try Descriptor.openRegular(path, O_RDONLY)
        self.file = file
      } catch { return nil }
    }
  }

  /// More are not remembered: the oldest are left out.
  private static let largestCount = 1 << 20

  private let frames: WALFrames
  /// The database file; nil where it is gone.
  private let database: Database?
  /// The newest first.
  private var events: [Seq: [Place]] = [:]
  private var output: [Seq: [Place]] = [:]
  private var count = 0
  /// For each page its frames, in order.
  private var framesOfPage: [UInt32: [UInt32]] = [:]
  /// The positions of events, in order.
  private(set) var positions: [Seq] = []
  /// Those of `retained`, and of `redacted`.
  private(set) var retained: [Seq] = []
  private(set) var redacted: [Seq] = []
  /// "" where no page that has it is whole.
  private(set) var ledgerID = ""

  /// Reads the WAL; nil when there is none.
  /// - Parameter database: the file; beside it stands the WAL.
  init?(of database: String) {
    guard let frames = WALFrames("\(database)-wal") else { return nil }
    self.frames = frames
    self.database = Database(database)
    for (index, frame) in frames.frames.enumerated() {
      framesOfPage[frame.page, default: []].append(UInt32(index))
    }
    for index in frames.frames.indices.reversed() { note(index) }
    positions = events.keys.sorted()
    retained.sort()
  }

  /// True when SQLite reads less of the WAL than there is.
  var hidesFrames: Bool { frames.hidesFrames }

  private func note(_ frame: Int) {
    let isWhole = frames.frames[frame].isWhole
    guard frames.frames[frame].page > 1, count < Self.largestCount, let page = frames.page(frame)
    else { return }
    page.withUnsafeBytes { page in
      for cell in LeafPage.cells(page) {
        let local = UnsafeRawBufferPointer(rebasing: page[cell.local])
        guard let (types, body) = RecordValue.types(local), types.first == 0 || types.count == 2
        else { continue }
        var hasher = Hasher()
        hasher.combine(bytes: local)
        hasher.combine(cell.overflow)
        let place = Place(
          frame: UInt32(frame), offset: UInt16(cell.local.lowerBound), isWhole: isWhole,
          mark: hasher.finalize())
        switch types.count {
        case 10:
          let isNew = Self.add(place, to: &events[Seq(cell.rowID), default: []])
          if isNew { count += 1 }
          if isNew, Self.isOf(.retained, local, types, body) { retained.append(Seq(cell.rowID)) }
          if isNew, Self.isOf(.redacted, local, types, body) { redacted.append(Seq(cell.rowID)) }
        case 5: if Self.add(place, to: &output[Seq(cell.rowID), default: []]) { count += 1 }
        case 2 where ledgerID.isEmpty && isWhole: ledgerID = Self.ledgerID(local) ?? ""
        default: break
        }
      }
    }
  }

  private static func add(_ place: Place, to places: inout [Place]) -> Bool {
    guard let known = places.firstIndex(where: { $0.mark == place.mark }) else {
      places.append(place)
      return true
    }
    places[known].isWhole = places[known].isWhole || place.isWhole
    return false
  }

  private static func isOf(
    _ kind: EventKind, _ record: UnsafeRawBufferPointer, _ types: [Int64], _ body: Int
  ) -> Bool {
    let name = kind.name.utf8
    guard types[6] == Int64(13 + 2 * name.count) else { return false }
    let start = types[..<6].reduce(body) { $0 + (RecordValue.length($1) ?? record.count) }
    return start + name.count <= record.count
      && record[start..<start + name.count].elementsEqual(name)
  }

  private static func ledgerID(_ record: UnsafeRawBufferPointer) -> String? {
    guard let values = RecordValue.all(record), values.first?.text == LedgerIdentity.Key.origin
    else { return nil }
    return values.last?.text
  }

  /// The first from there on at which there is an event.
  func position(from first: Seq) -> Seq? {
    var (low, high) = (0, positions.count)
    while low < high {
      let middle = (low + high) / 2
      if positions[middle] < first { low = middle + 1 } else { high = middle }
    }
    return low < positions.count ? positions[low] : nil
  }

  /// Returns the events that may have stood at that position, the likeliest first.
  func candidates(of seq: Seq) -> [Candidate] {
    let places = events[seq] ?? []
    return (places.filter(\.isWhole) + places.filter { !$0.isWhole }).compactMap { place in
      record(place).flatMap { StoredEvent($0, seq: seq) }
        .map { Candidate(event: $0, isWhole: place.isWhole) }
    }
  }

  func hasOutput(of seq: Seq) -> Bool { output[seq] != nil }

  /// The output of the event at that position, if any that is there is what the event says.
  func chunk(of event: StoredEvent) -> StoredEvent.Chunk? {
    for place in output[event.seq] ?? [] {
      guard let chunk = record(place).flatMap({ StoredChunk($0) }) else { continue }
      var whole = event
      whole.chunk = .stored(chunk)
      if case .success = PayloadCheck.chunk(of: whole) { return whole.chunk }
    }
    return nil
  }

  private func record(_ place: Place) -> [RecordValue]? {
    guard let page = frames.page(Int(place.frame)) else { return nil }
    return page.withUnsafeBytes { page in
      // The cell's numbers stand before its record.
      let cell = LeafPage.cells(page).first { $0.local.lowerBound == Int(place.offset) }
      guard let cell, var bytes = Optional(Array(page[cell.local])) else { return nil }
      guard cell.overflow == 0 || append(cell, of: Int(place.frame), to: &bytes) else { return nil }
      return bytes.withUnsafeBytes { RecordValue.all($0) }
    }
  }

  /// Pages that a record goes on in, as they were when its transaction was committed.
  private func append(_ cell: LeafPage.Cell, of frame: Int, to bytes: inout [UInt8]) -> Bool {
    let end = frames.frames[frame...].firstIndex { $0.pagesAfterCommit > 0 } ?? frame
    var next = cell.overflow
    while bytes.count < cell.recordBytes {
      guard next > 1, let page = page(next, upTo: end) else { return false }
      next = page.withUnsafeBytes { $0.bigEndian32(0) }
      bytes += page[4..<min(page.count, 4 + cell.recordBytes - bytes.count)]
    }
    return true
  }

  private func page(_ number: UInt32, upTo frame: Int) -> [UInt8]? {
    if let found = framesOfPage[number]?.last(where: { $0 <= frame }) {
      return frames.page(Int(found))
    }
    let size = WALFrames.pageBytes
    guard let database else { return nil }
    let page = try? RawIO.read(database.file.fd, size, at: Int64(number - 1) * Int64(size))
    return page.flatMap { $0.count == size ? $0 : nil }
  }
}

extension StoredEvent {
  /// Reads a row; nil when the values are not those of an event.
  fileprivate init?(_ values: [RecordValue], seq: Seq) {
    guard values.count == 10, values[0].isNull, let at = values[1].integer,
      let mono = values[2].integer, values[3].isNull || values[3].text != nil,
      values[4].isNull || values[4].text != nil, values[5].isNull || values[5].isInteger,
      let kind = values[6].text, let data = values[7].text
    else { return nil }
    self.init(
      seq: seq, at: WallTime(microseconds: at), mono: BootTime(microseconds: mono),
      job: values[3].text, instance: values[4].text,
      n: values[5].integer, kind: kind, data: data, hasPayload: !values[8].isNull,
      payload: values[8].blob.flatMap { Digest($0) }, digest: values[9].blob.flatMap { Digest($0) })
  }
}

extension StoredChunk {
  fileprivate init?(_ values: [RecordValue]) {
    guard values.count == 5, values[0].isNull, let codec = values[1].integer,
      let size = values[2].integer, let runs = values[3].blob, let data = values[4].blob
    else { return nil }
    self.init(codec: codec, size: size, runs: runs, data: data)
  }
}
