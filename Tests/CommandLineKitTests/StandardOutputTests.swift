import Glibc
import Linux
import Presentation
import Testing

@testable import CommandLineKit

@Suite("Standard output")
struct StandardOutputTests {
  /// What can be read from a pipe without waiting.
  private func available(_ fd: Int32) -> String {
    RawIO.setNonBlocking(fd)
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while case .bytes(let count) = buffer.withUnsafeMutableBytes({ RawIO.read(fd, into: $0) }) {
      bytes += buffer[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test func `collects text until it is flushed`() throws {
    let pipe = try Descriptor.pipe()
    let output = StandardOutput(fd: pipe.write.fd)
    output.write("one\n")
    #expect(available(pipe.read.fd) == "")
    output.flush()
    #expect(available(pipe.read.fd) == "one\n")
    output.flush()
    #expect(available(pipe.read.fd) == "")
  }

  @Test func `is flushed at its end`() throws {
    let pipe = try Descriptor.pipe()
    do {
      let output = StandardOutput(fd: pipe.write.fd)
      output.write("one two\n")
    }
    #expect(available(pipe.read.fd) == "one two\n")
  }

  @Test func `writes line by line when told to`() throws {
    let pipe = try Descriptor.pipe()
    let output = StandardOutput(fd: pipe.write.fd, flushesLines: true)
    output.write("one")
    #expect(available(pipe.read.fd) == "")
    output.write(" two\nthree")
    #expect(available(pipe.read.fd) == "one two\nthree")
    output.flush()
  }

  @Test func `keeps the order when a piece is larger than the buffer`() throws {
    let pipe = try Descriptor.pipe()
    PipeCapacity.grow(pipe.write.fd)
    let output = StandardOutput(fd: pipe.write.fd)
    let large = String(repeating: "x", count: 200_000)
    output.write("begin ")
    output.write(PrintableText(verbatim: large))
    output.write(" end")
    output.flush()
    #expect(available(pipe.read.fd) == "begin " + large + " end")
  }

  @Test func `ends the program quietly with 141 when its reader is gone`() async throws {
    let result = await #expect(
      processExitsWith: .exitCode(141), observing: [\.standardErrorContent]
    ) {
      signal(SIGPIPE, SIG_IGN)
      var pipe = try Descriptor.pipe()
      pipe.read = try Descriptor.open("/dev/null", O_RDONLY)
      let output = StandardOutput(fd: pipe.write.fd)
      output.write("one\n")
      output.flush()
    }
    let errors = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(!errors.contains("stdout"))
  }

  @Test func `ends the program with one line and 74 when it cannot be written`() async throws {
    let result = await #expect(
      processExitsWith: .exitCode(74), observing: [\.standardErrorContent]
    ) {
      StandardError.begin(program: "a program")
      let full = try Descriptor.open("/dev/full", O_WRONLY)
      let output = StandardOutput(fd: full.fd)
      output.write("one\n")
      output.flush()
    }
    let errors = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(errors == "a program: cannot write to stdout: No space left on device\n")
  }

  @Test func `lets a pager decide what a failed write ends in`() async {
    await #expect(processExitsWith: .exitCode(7)) {
      let full = try Descriptor.open("/dev/full", O_WRONLY)
      StandardOutput(fd: full.fd) { exit($0.code == ENOSPC ? 7 : 8) }.write(
        PrintableText(verbatim: String(repeating: "x", count: 1 << 17)))
    }
  }
}
