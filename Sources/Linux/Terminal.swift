internal import CLinux
internal import Glibc

package enum Terminal {
  package static func isTerminal(_ fd: Int32) -> Bool { isatty(fd) == 1 }

  /// The width of the terminal behind `fd` in columns, nil when it is none or does not know.
  package static func columns(_ fd: Int32) -> Int? {
    var rows: UInt16 = 0
    var columns: UInt16 = 0
    guard clinux_window_size(fd, &rows, &columns) == 0, columns > 0 else { return nil }
    return Int(columns)
  }
}
