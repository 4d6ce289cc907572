internal import CLinux
internal import Glibc

package enum Terminal {
  package struct Size: Equatable, Sendable {
    package let rows: UInt16
    package let columns: UInt16

    package init(rows: UInt16, columns: UInt16) {
      self.rows = rows
      self.columns = columns
    }
  }

  package static func isTerminal(_ fd: Int32) -> Bool { isatty(fd) == 1 }

  /// True of a terminal that has gone: a window that was closed, a line that was hung up.
  package static func isHungUp(_ fd: Int32) -> Bool { isatty(fd) == 0 && errno == EIO }

  /// Returns nil when `fd` is no terminal, or one that does not know its size.
  package static func size(_ fd: Int32) -> Size? {
    var rows: UInt16 = 0
    var columns: UInt16 = 0
    guard unsafe clinux_window_size(fd, &rows, &columns) == 0, rows > 0, columns > 0 else {
      return nil
    }
    return Size(rows: rows, columns: columns)
  }

  /// Also of a pseudo-terminal's master. A change is told to the foreground process group (SIGWINCH).
  package static func setSize(_ fd: Int32, _ size: Size) {
    _ = clinux_set_window_size(fd, size.rows, size.columns)
  }

  /// The width of the terminal behind `fd` in columns, nil when it is none or does not know.
  package static func columns(_ fd: Int32) -> Int? {
    var rows: UInt16 = 0
    var columns: UInt16 = 0
    guard unsafe clinux_window_size(fd, &rows, &columns) == 0, columns > 0 else { return nil }
    return Int(columns)
  }
}

/// A terminal made of software (pty(7)): what is written to `master` is typed on it, what it would show is
/// read from there.
package struct PseudoTerminal: ~Copyable, Sendable {
  package let master: Descriptor
  /// The terminal itself, for programs to open.
  package let path: String

  package init() throws(SystemCallError) {
    var name = [CChar](repeating: 0, count: 64)
    let fd = unsafe clinux_pty(&name, name.count)
    guard fd >= 0 else { throw SystemCallError("posix_openpt") }
    master = Descriptor(owning: fd)
    path = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
