internal import Glibc
internal import Linux

/// The file whose changes tell those who follow a ledger that there is more.
struct Bell: ~Copyable {
  private let file: Descriptor

  init(_ directory: LedgerDirectory) throws(LedgerError) {
    file = try directory.openPrivate(directory.bell)
  }

  func ring() {
    var byte: UInt8 = 0
    _ = unsafe pwrite(file.fd, &byte, 1, 0)
  }
}
