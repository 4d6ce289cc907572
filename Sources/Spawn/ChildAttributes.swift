/// Attributes that a child has for itself alone, and this process keeps as it is. Nil: as here.
package struct ChildAttributes: Equatable, Sendable {
  /// The working directory, as bytes; a relative one is below this process's.
  package var directory: [UInt8]?
  /// The mode bits that files it creates do not get.
  package var umask: UInt32?
  /// -20 (first) to 19 (last). One that is refused does not keep the child from starting.
  package var niceness: Int32?

  package init() {}

  /// Returns where this process finds what is called `path` in the directory.
  func path(_ path: [UInt8]) -> [UInt8] {
    guard let directory, path.first != UInt8(ascii: "/") else { return path }
    return directory + [UInt8(ascii: "/")] + path
  }
}
