internal import CLinux
internal import Glibc

/// A datagram socket that sends to a Unix socket (unix(7)) and never waits.
package struct DatagramSocket: ~Copyable, Sendable {
  private let descriptor: Descriptor

  package init(to path: String) throws(SystemCallError) {
    let fd = unsafe clinux_datagram_socket(path)
    guard fd >= 0 else { throw SystemCallError("connect", path) }
    descriptor = Descriptor(owning: fd)
  }

  /// Sends one datagram; `wouldBlock` when the receiver's queue is full, and then it is lost.
  package func send(_ bytes: UnsafeRawBufferPointer) -> Transfer {
    let count = unsafe clinux_send(descriptor.fd, bytes.baseAddress, bytes.count)
    if count >= 0 { return .bytes(Int(count)) }
    return errno == EAGAIN ? .wouldBlock : .failed(.current)
  }
}
