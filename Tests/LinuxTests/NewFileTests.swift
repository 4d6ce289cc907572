import Glibc
import Linux
import TestSupport
import Testing

@Suite("A file that is being made", .temporaryDirectory) struct NewFileTests {
  private var path: String { "\(TemporaryDirectory.path)/made" }

  private func write(_ text: String, to file: borrowing NewFile) throws {
    try Array(text.utf8).withUnsafeBytes { bytes throws in try file.write(bytes, at: 0) }
  }

  private func expectThere(_ body: () throws -> Void) {
    #expect {
      try body()
    } throws: { ($0 as? SystemCallError)?.errno == Errno(EEXIST) }
  }

  @Test func `has its name when it is whole, and not before`() throws {
    let file = try NewFile.begin(path)
    try write("all", to: file)
    #expect(!Files.exists(path))
    try file.publish()
    try expect(Files.text(path), is: "all")
    #expect(Files.mode(path) == 0o600)
  }

  @Test func `leaves nothing when it is given up`() throws {
    func begin() throws { try write("some", to: NewFile.begin(path)) }
    let before = Files.names(in: TemporaryDirectory.path)
    try begin()
    #expect(Files.names(in: TemporaryDirectory.path) == before)
  }

  @Test func `replaces nothing, whenever that came`() throws {
    let file = try NewFile.begin(path)
    try Files.write([1], to: path)
    expectThere { try file.publish() }
    expectThere { _ = try NewFile.begin(path) }
    try expect(Files.contents(path), is: [1])
    #expect(throws: SystemCallError.self) { _ = try NewFile.begin("\(TemporaryDirectory.path)/") }
  }

  /// As where the file system knows no file without a name.
  @Test func `is renamed to a free name only`() throws {
    let folder = try Folder(TemporaryDirectory.path, .anybody)
    try Files.write([1], to: path)
    try Files.write([2], to: "\(path).partial")
    expectThere { try folder.rename("made.partial", toFree: "made") }
    try expect(Files.contents(path), is: [1])
    try folder.rename("made.partial", toFree: "other")
    try expect(Files.contents("\(TemporaryDirectory.path)/other"), is: [2])
    #expect(!Files.exists("\(path).partial"))
  }
}
