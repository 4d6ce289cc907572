internal import Glibc
internal import Linux
internal import Testing

/// The memory and descriptors of a process, as /proc tells them.
extension TaroProcess {
  /// The number of descriptors that it has open.
  package var descriptors: Int { Files.names(in: "/proc/\(pid)/fd").count }

  /// Those of them that are sockets.
  package var sockets: Int {
    let folder = "/proc/\(pid)/fd"
    return Files.names(in: folder).count {
      Files.link("\(folder)/\($0)")?.hasPrefix("socket:") == true
    }
  }

  /// Bytes of memory that are in use.
  package func residentBytes() throws -> Int64 { try kilobytes("VmRSS") << 10 }

  /// Bytes of memory that were in use at most, so far.
  package func mostResidentBytes() throws -> Int64 { try kilobytes("VmHWM") << 10 }

  private func kilobytes(_ name: String) throws -> Int64 {
    let line = try #require(
      try Files.lines("/proc/\(pid)/status").first { $0.hasPrefix("\(name):") }, "\(name)")
    return try #require(Int64(line.filter { $0.isNumber }), "\(line)")
  }
}
