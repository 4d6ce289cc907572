internal import CLinux
package import Linux

/// A stream of a job that a process it left behind has open still, after its record has ended.
package struct LeftStream: Sendable {
  /// The pipe's reading end.
  package let pipe: Int32
  /// The place that it goes to; nil: nowhere.
  package let place: Int32?
  /// Others append to the same file.
  package let wantsWholeLines: Bool
  /// The bytes that were read and not passed on.
  package let undelivered: [UInt8]

  package init(pipe: Int32, place: Int32?, wantsWholeLines: Bool, undelivered: [UInt8]) {
    self.pipe = pipe
    self.place = place
    self.wantsWholeLines = wantsWholeLines
    self.undelivered = undelivered
  }
}

/// A process that goes on passing on what such processes write, when taro has ended: they have their output for as long
/// as they would have had it without taro, and whoever waits for its end waits as long.
package enum Copier {
  /// Leaves one behind. It has nothing of this process but these streams.
  /// - Parameter name: of the run, for `ps`.
  package static func leave(_ streams: [LeftStream], name: String) throws(SystemCallError) {
    var kept: [UnsafeMutableBufferPointer<UInt8>] = unsafe []
    defer { unsafe kept.forEach { unsafe $0.deallocate() } }
    var copies: [clinux_copy] = unsafe []
    for stream in streams {
      let pending = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: stream.undelivered.count)
      _ = unsafe pending.initialize(from: stream.undelivered)
      unsafe kept.append(pending)
      unsafe copies.append(
        clinux_copy(
          from: stream.pipe, to: stream.place ?? -1, whole_lines: stream.wantsWholeLines ? 1 : 0,
          pending: UnsafeRawPointer(pending.baseAddress)?.assumingMemoryBound(to: CChar.self),
          pending_count: pending.count))
    }
    guard unsafe clinux_leave_copier(&copies, Int32(copies.count), "taro-copier \(name)") > 0 else {
      throw SystemCallError("fork")
    }
  }
}
