internal import CLinux

/// Cuts bytes between lines, so that no line is torn.
package enum LinePieces {
  /// The most that goes into a pipe in one piece, whoever else writes there (pipe(7), PIPE_BUF).
  package static let atomic = 4096

  /// Returns the number of bytes up to the last line feed in them, with it; 0 where there is none.
  package static func wholeLines(_ bytes: UnsafeRawBufferPointer) -> Int {
    guard let start = bytes.baseAddress else { return 0 }
    return unsafe clinux_whole_lines(start, bytes.count)
  }

  /// Returns what goes into a pipe next: whole lines, where one is short enough.
  package static func first(of bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    guard bytes.count > atomic else { return unsafe bytes }
    let most = unsafe UnsafeRawBufferPointer(rebasing: bytes[..<atomic])
    let whole = unsafe wholeLines(most)
    return unsafe whole == 0 ? most : UnsafeRawBufferPointer(rebasing: bytes[..<whole])
  }
}
