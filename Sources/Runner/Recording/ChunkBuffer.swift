internal import Events
internal import Ledger
internal import Linux

/// A chunk of output on its way into the ledger: what was read from the job, in order of arrival.
///
/// Sendable because it has one owner at a time: the supervisor fills it, hands it over through the recorder's monitor,
/// and never touches it again; the recorder gives it back the same way.
final class ChunkBuffer: @unchecked Sendable {
  static let capacity = 256 << 10

  private let storage = UnsafeMutableRawBufferPointer.allocate(
    byteCount: capacity, alignment: 4096)
  private(set) var count = 0
  private(set) var runs: [OutputSegment] = []
  /// The time at which the first byte was read.
  private(set) var at = WallTime.epoch
  private(set) var mono = BootTime.boot

  deinit { storage.deallocate() }

  var isFull: Bool { count == Self.capacity }
  var isEmpty: Bool { count == 0 }
  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: storage[..<count]) }

  /// The room that the next bytes are to be read into.
  var free: UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(rebasing: storage[count...])
  }

  /// Takes in `length` bytes that were just read into `free`.
  func append(_ length: Int, _ stream: OutputStream) {
    let now = BootTime.now
    if isEmpty {
      at = .now
      mono = now
    }
    count += length
    let offset = max(0, now - mono)
    // Pieces of one stream within a millisecond are one: who writes byte by byte would have a run for each.
    if let last = runs.last, last.stream == stream, offset - last.offset < 1000 {
      runs[runs.count - 1] = OutputSegment(
        stream: stream, offset: last.offset, length: last.length + length)
    } else {
      runs.append(OutputSegment(stream: stream, offset: offset, length: length))
    }
  }

  func clear() {
    count = 0
    runs.removeAll(keepingCapacity: true)
  }

  /// Bytes of each stream, and line feeds.
  var totals: OutputTotals { OutputTotals(of: bytes, runs) }
}

extension OutputTotals {
  init(of bytes: UnsafeRawBufferPointer, _ runs: [OutputSegment]) {
    self.init()
    for run in runs {
      switch run.stream {
      case .stdout: stdoutBytes += Int64(run.length)
      case .stderr: stderrBytes += Int64(run.length)
      }
    }
    lines = Int64(LineFeeds.count(bytes))
  }

  mutating func add(_ more: OutputTotals) {
    stdoutBytes += more.stdoutBytes
    stderrBytes += more.stderrBytes
    lines += more.lines
    droppedBytes += more.droppedBytes
  }
}

enum LineFeeds {
  static func count(_ bytes: UnsafeRawBufferPointer) -> Int {
    // Eight lanes, so that the compiler uses vectors.
    var total = 0
    var index = 0
    while index < bytes.count {
      let end = min(index + 248, bytes.count)
      var block: UInt8 = 0
      while index < end {
        block &+= bytes[index] == 0x0a ? 1 : 0
        index += 1
      }
      total += Int(block)
    }
    return total
  }
}
