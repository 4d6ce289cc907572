import Glibc
import Linux
import TestSupport
import Testing

@Suite struct HostTests {
  @Test func `a process is named by its pid and start time`() throws {
    let own = try #require(Host.startTime(of: getpid()))
    #expect(Host.startTime(of: getpid()) == own)
    let child = try ChildProcess("cat", [])
    try expect(#require(Host.startTime(of: child.pid))) { $0 >= own }
    _ = try child.kill()
    #expect(Host.startTime(of: child.pid) == nil)
  }

  @Test func `a name with parentheses and blanks does not shift the start time`() throws {
    let name = ") R 1 1 (x"
    let child = try ChildProcess(
      "sh", ["-c", "printf '%s' '\(name)' > /proc/$$/comm; echo done; read line"])
    try expect(child.readLine(), is: "done")
    let fields = try Files.text("/proc/\(child.pid)/stat").split(separator: " ")
    try expect(fields.at(1), "the name was not changed: \(fields)") { $0.hasPrefix("()") }
    let own = try #require(Host.startTime(of: getpid()))
    try expect(#require(Host.startTime(of: child.pid))) { $0 >= own }
  }

  @Test func `a process that nobody has waited for yet counts as gone`() throws {
    let child = try ChildProcess("sh", ["-c", "echo bye"])
    // Its end of the pipe closes when it ends; then it is a zombie until the test waits for it.
    _ = try child.readAll()
    var info = siginfo_t()
    #expect(waitid(P_PID, UInt32(child.pid), &info, WEXITED | WNOWAIT) == 0)
    #expect(Host.startTime(of: child.pid) == nil)
    try expect(child.wait(), is: .exited(0))
  }

  @Test func `a process has a name, whatever its command line holds`() throws {
    let child = try ChildProcess("sh", ["-c", "echo up; read line", "secret"])
    _ = try child.readLine()
    #expect(Host.processName(of: child.pid) == "sh")
    _ = try child.kill()
    #expect(Host.processName(of: child.pid) == "")
  }

  @Test func `the boot has an id and the host a name`() {
    #expect(Host.bootID().utf8.count == 36)
    #expect(!Host.name().isEmpty)
  }

  @Test func `users are known by the local password file`() {
    #expect(Users.name(of: 0) == "root")
    #expect(Users.homeDirectory(of: 0)?.hasPrefix("/") == true)
    #expect(Users.name(of: 4_000_000_123) == "4000000123")
    #expect(Users.homeDirectory(of: 4_000_000_123) == nil)
  }

  @Test func `an empty variable counts as none`() {
    setenv("TARO_TEST_EMPTY", "", 1)
    setenv("TARO_TEST_FULL", "x", 1)
    defer {
      unsetenv("TARO_TEST_EMPTY")
      unsetenv("TARO_TEST_FULL")
    }
    #expect(Environment.value("TARO_TEST_EMPTY") == nil)
    #expect(Environment.isSet("TARO_TEST_EMPTY"))
    #expect(Environment.value("TARO_TEST_FULL") == "x")
    #expect(!Environment.isSet("TARO_TEST_MISSING"))
  }
}
