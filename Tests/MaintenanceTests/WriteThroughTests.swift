internal import Events
import Glibc
import Maintenance
import TestSupport
import Testing

@testable import Ledger

/// What becomes of a WAL after a flush of it has failed.
@Suite(.temporaryDirectory) struct WriteThroughTests {
  private let directory = TemporaryDirectory.ledger

  /// The kernel has forgotten a page that it could not write, and what stood there before is read.
  private func lose(_ text: String) throws {
    var bytes = try Files.contents(directory.wal)
    let wanted = Array(text.utf8)
    let place = try #require(
      bytes.indices.reversed().first { bytes[$0...].starts(with: wanted) })
    bytes[place] ^= 1
    let file = open(directory.wal, O_WRONLY)
    try #require(file >= 0)
    defer { close(file) }
    #expect(pwrite(file, [bytes[place]], 1, off_t(place)) == 1)
  }

  @Test func `what a failed flush has lost is not copied into the database`() throws {
    let writer = try LedgerWriter(sealingDamage: directory, by: Requester())
    let instances = (0..<3).map { _ in Sample.newID() }
    for instance in instances { try Sample.append(Sample.event(instance), to: writer) }
    writer.files.queue.file.noteFlush(hasFailed: true)
    try lose(try instances.at(2).text)
    let last = Sample.event(Sample.newID())
    let error = #expect(throws: LedgerError.self) { try Sample.append(last, to: writer) }
    guard case .replaced = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    try Sample.append(last, to: writer, durable: true)
    let sealed = try #require(writer.sealed)
    expect(sealed.reason) { $0.contains(" missing, though ") }
    let report = try LedgerVerification.run(directory)
    #expect(report.isGood, "\(report.problems)")
    // What stands in other pages too is brought over; what is lost is told.
    let there = try writer.reader.events(after: 0, limit: .max).compactMap(\.instance)
    for instance in instances.prefix(2) { #expect(there.contains(instance)) }
  }

  @Test func `what it has not lost is`() throws {
    let writer = try LedgerWriter(sealingDamage: directory, by: Requester())
    try Sample.append(Sample.event(Sample.newID()), to: writer)
    writer.files.queue.file.noteFlush(hasFailed: true)
    try Sample.append(Sample.event(Sample.newID()), to: writer, durable: true)
    #expect(writer.sealed == nil)
    try expect(writer.files.queue.file.read().hasFailedFlush, is: false)
    try expect(LedgerVerification.run(directory).events, is: 2)
  }
}
