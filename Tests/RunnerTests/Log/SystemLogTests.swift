import Events
import Glibc
import Linux
import TestSupport
import Testing

@testable import Runner
@testable import Settings

@Suite("Syslog", .temporaryDirectory)
struct SystemLogTests {
  /// What syslog has at /dev/log: a bound datagram socket.
  private struct Receiver: ~Copyable {
    let descriptor: Descriptor

    init(_ path: String) throws {
      descriptor = Descriptor(owning: socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0))
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
      let result = withUnsafeBytes(of: &address) { bytes in
        bytes.withMemoryRebound(to: sockaddr.self) {
          bind(descriptor.fd, $0.baseAddress, socklen_t(bytes.count))
        }
      }
      guard result == 0 else { throw SystemCallError("bind", path) }
    }

    func next() -> String? {
      guard Poll.wait(descriptor.fd, for: .readable, milliseconds: 0) else { return nil }
      var buffer = [UInt8](repeating: 0, count: 4096)
      let transfer = buffer.withUnsafeMutableBytes { RawIO.read(descriptor.fd, into: $0) }
      guard case .bytes(let count) = transfer else { return nil }
      return String(decoding: buffer[..<count], as: UTF8.self)
    }
  }

  private let line = LogLine(at: 1_700_000_000_123_456, level: .warning, message: "event=[x]")

  @Test func `gets a datagram of RFC 3164 for each line`() throws {
    let path = "\(TemporaryDirectory.path)/log"
    let receiver = try Receiver(path)
    let syslog = SystemLog("taro", path: path)
    #expect(syslog.write(line) == nil)
    let time = CivilMoment(local: line.at).syslog
    #expect(time.utf8.count == 15)
    #expect(receiver.next() == "<12>\(time) taro[\(getpid())]: event=[x]")
    #expect(receiver.next() == nil)
  }

  @Test func `that is started anew is found again`() throws {
    let path = "\(TemporaryDirectory.path)/log"
    let syslog = SystemLog("taro", path: path)
    do {
      let receiver = try Receiver(path)
      #expect(syslog.write(line) == nil)
      #expect(receiver.next() != nil)
    }
    #expect(unlink(path) == 0)
    #expect(syslog.write(line)?.contains("cannot be reached") == true)
    let receiver = try Receiver(path)
    #expect(syslog.write(line) == nil)
    #expect(receiver.next() != nil)
  }

  @Test func `that is missing is a trouble with a name`() {
    let syslog = SystemLog("taro", path: "/none/log")
    #expect(
      syslog.write(line) == "syslog (/none/log) cannot be reached: No such file or directory")
  }

  @Test func `that takes nothing in holds nobody up`() throws {
    let path = "\(TemporaryDirectory.path)/log"
    let receiver = try Receiver(path)
    let syslog = SystemLog("taro", path: path)
    var problems: [String] = []
    for _ in 0..<10_000 where problems.isEmpty {
      problems += [syslog.write(line)].compactMap { $0 }
    }
    #expect(problems == ["syslog takes no more lines"])
    #expect(receiver.next() != nil)
    #expect(syslog.write(line) == nil)
  }

  @Test(arguments: [(LogLevel.info, "INFO ", 14), (.warning, "WARNING", 12), (.error, "ERROR", 11)])
  func `and file have levels of their own for the same`(
    level: LogLevel, name: String, priority: Int
  ) throws {
    let path = "\(TemporaryDirectory.path)/log"
    let receiver = try Receiver(path)
    let line = LogLine(at: 5_999, level: level, message: "m")
    let time = CivilMoment(local: line.at).text
    #expect(line.text == "\(time),005 - \(name) - taro.jobs.runner - m\n")
    #expect(SystemLog("taro", path: path).write(line) == nil)
    #expect(receiver.next()?.hasPrefix("<\(priority)>") == true)
  }
}
