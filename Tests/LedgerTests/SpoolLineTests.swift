import Digests
internal import Events
import TestSupport
import Testing

@testable import Ledger

/// What one line of a spool says, and whether it still says what was written.
struct SpoolLineTests {
  private let instance = Sample.newID()
  private var header: SpoolLine.Header {
    SpoolLine.Header(
      job: "job", instance: instance,
      opening: [Sample.event(instance, .state(.created)), Sample.event(instance, .state(.running))])
  }
  private var end: NewEvent {
    Sample.event(
      instance, .state(.failed), .object([.init("exit_code", 3), .init("reason", "a \"b\"")]))
  }

  private func bytes(_ line: String) -> [UInt8] { Array(line.utf8.dropLast()) }

  /// Every bit of a line changed: none of it goes into the ledger as something else.
  @Test func `a line that has changed is none, or says the same`() throws {
    let line = bytes(SpoolLine.text(end))
    for index in line.indices {
      for bit in 0..<8 {
        var changed = line
        changed[index] ^= 1 << bit
        guard let event = SpoolLine.event(changed, of: header) else { continue }
        #expect(event.tellsTheSame(as: end), "bit \(bit) of byte \(index)")
        #expect(event.data == end.data, "bit \(bit) of byte \(index)")
        #expect(event.at == end.at, "bit \(bit) of byte \(index)")
        #expect(event.mono == end.mono, "bit \(bit) of byte \(index)")
      }
    }
  }

  @Test func `a first line that has changed is none, or says the same`() throws {
    let line = bytes(SpoolLine.text(header))
    for index in line.indices {
      var changed = line
      changed[index] ^= 1
      guard let other = SpoolLine.header(changed) else { continue }
      #expect(other == header, "byte \(index)")
    }
  }

  @Test func `a line ends with the first digits of the digest of what stands before`() throws {
    let line = SpoolLine.text(end)
    let parts = line.split(separator: ",\"check\":\"", maxSplits: 1)
    let digest = Digest(of: Array(try parts.at(0).utf8)).description
    try expect(parts.at(1), is: "\(digest.prefix(8))\"}\n")
  }

  @Test func `lines of 0_1_0 have no check and are believed`() throws {
    let old = SpoolLine.text(end).replacing(/,"check":"[0-9a-f]{8}"}/, with: "}")
    let event = try #require(SpoolLine.event(bytes(old), of: header))
    #expect(event.tellsTheSame(as: end))
    let first = SpoolLine.text(header).replacing(/,"check":"[0-9a-f]{8}"}/, with: "}")
    #expect(SpoolLine.header(bytes(first)) == header)
  }
}
