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

/// A terminal made of software (pty(7)): what is written to `master` is typed on it, what it would show is
/// read from there.
package struct PseudoTerminal: ~Copyable, Sendable {
  package let master: Descriptor
  /// The terminal itself, for programs to open.
  package let path: String

  package init() throws(SystemCallError) {
    var name = [CChar](repeating: 0, count: 64)
    let fd = clinux_pty(&name, name.count)
    guard fd >= 0 else { throw SystemCallError("posix_openpt") }
    master = Descriptor(owning: fd)
    path = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
