internal import Glibc
internal import Linux

/// Tells whether the kernel has killed something for lack of memory since the job was started.
struct OutOfMemory {
  private let killsBefore: Int64?
  private let readStatistics: () -> [UInt8]?

  /// Counts now: one small read.
  init(
    statistics: @escaping () -> [UInt8]? = { RawIO.contents(of: "/proc/vmstat", limit: 1 << 16) }
  ) {
    readStatistics = statistics
    killsBefore = statistics().flatMap(Self.kills)
  }

  /// Asked when the job, or a command of it, was killed and nobody had asked for that: the count tells of all processes
  /// of the host, so that this is as good as certain and no more.
  var hasKilledSince: Bool {
    guard let killsBefore, let now = readStatistics().flatMap(Self.kills) else { return false }
    return now > killsBefore
  }

  /// proc(5), /proc/vmstat: oom_kill.
  private static func kills(_ statistics: [UInt8]) -> Int64? {
    let key = Array("oom_kill ".utf8)
    let line = statistics.split(separator: UInt8(ascii: "\n")).first { $0.starts(with: key) }
    return line.flatMap { Int64(String(decoding: $0.dropFirst(key.count), as: UTF8.self)) }
  }
}
