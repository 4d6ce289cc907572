import Glibc
import Linux
import Spawn
import TestSupport
import Testing

@Suite struct SpawnErrorTests {
  @Test(arguments: ["no-such-command", "/no/such/command", "/dev/null/command", ""])
  func `a command that is nowhere is not found`(command: String) {
    let error = Running.failure([command])
    #expect(error == .notFound(command))
    #expect(error?.exitCode == 127)
  }

  @Test func `no arguments at all are no command`() {
    #expect(throws: SpawnError.notFound("")) { _ = try Launch([]).start().pid }
  }

  @Test func `a directory cannot be executed`() {
    let error = Running.failure(["/tmp"])
    #expect(error == .notExecutable("/tmp", Errno(EISDIR)))
    #expect(error?.exitCode == 126)
    #expect(error?.description == "/tmp: cannot be executed: Is a directory; name a file in it")
  }

  @Test func `a file without the x permission cannot be executed`() throws {
    let files = try Files()
    let path = try files.file("plain", "#!/bin/sh\n", mode: 0o644)
    #expect(Running.failure([path]) == .notExecutable(path, Errno(EACCES)))
  }

  @Test func `a missing interpreter is named`() throws {
    let files = try Files()
    let path = try files.file("script", "#! /no/such/interpreter -x\necho no\n")
    let error = Running.failure([path])
    #expect(error == .interpreterMissing(path, "/no/such/interpreter"))
    #expect(error?.exitCode == 127)
  }

  @Test func `the missing interpreter of an interpreter is named`() throws {
    let files = try Files()
    let inner = try files.file("inner", "#!/no/such/interpreter\n")
    let outer = try files.file("outer", "#!\(inner)\n")
    #expect(Running.failure([outer]) == .interpreterMissing(outer, "/no/such/interpreter"))
  }

  @Test func `a carriage return after the interpreter is named as the cause`() throws {
    let files = try Files()
    let path = try files.file("dos", "#!/bin/sh\r\necho no\r\n")
    let error = try #require(Running.failure([path]))
    #expect(error == .interpreterMissing(path, "/bin/sh\r"))
    #expect(
      error.description == "\(path): its interpreter /bin/sh is followed by a carriage return; "
        + "save the file with Unix line ends")
  }

  @Test func `the missing loader of a program is named`() throws {
    // The loader's name within a copy of a real program is changed, if the program has one.
    let program = try #require(RawIO.contents(of: "/bin/sh"))
    let name = Array("/lib64/ld-linux-x86-64.so.2\0".utf8)
    guard let start = program.indices.first(where: { program[$0...].starts(with: name) }) else {
      return
    }
    var changed = program
    changed[start + 1] = UInt8(ascii: "L")
    let files = try Files()
    let path = try files.file("program", changed)
    #expect(
      Running.failure([path]) == .interpreterMissing(path, "/Lib64/ld-linux-x86-64.so.2"))
  }

  @Test func `a program for another machine is not given to a shell`() throws {
    var program = try #require(RawIO.contents(of: "/bin/sh"))
    // e_machine (elf(5)): one that there never was.
    program[18] = 0x77
    program[19] = 0x77
    let files = try Files()
    let path = try files.file("foreign", program)
    #expect(Running.failure([path]) == .notExecutable(path, Errno(ENOEXEC)))
  }

  @Test func `a script without an interpreter line is run by sh`() throws {
    let files = try Files()
    let path = try files.file("script", "echo \"$0 $1,$2\"\nexit 3\n")
    let result = try Running.run([path, "a b", ""])
    #expect(result.text == "\(path) a b,\n")
    #expect(result.end.outcome == .exited(code: 3))
  }

  @Test func `an empty file is a script that does nothing`() throws {
    let files = try Files()
    let path = try files.file("empty", "")
    try expect(Running.run([path]).end.exitCode, is: 0)
  }

  @Test func `too long arguments are told with what to do`() throws {
    let error = try #require(Running.failure(["true", String(repeating: "x", count: 4 << 20)]))
    #expect(error.exitCode == 126)
    #expect(error.description.contains("too large together"))
    guard case .failed(_, Errno(E2BIG)) = error else {
      Issue.record("not E2BIG: \(error)")
      return
    }
  }

  @Test func `an argument with a NUL byte is refused instead of cut off`() {
    #expect(throws: SpawnError.failed("echo", Errno(EINVAL))) {
      _ = try Launch([Array("echo".utf8), [0x61, 0, 0x62]]).start().pid
    }
  }

  @Test func `a command that is not UTF-8 or has control characters is shown on one line`() {
    do {
      _ = try Launch([[0x78, 0xff, 0x0a, 0x1b, 0x79]]).start().pid
      Issue.record("it was found")
    } catch {
      #expect(error.description.hasPrefix("x\u{FFFD}\\n\\u{1b}y: command not found;"))
    }
  }
}

/// PATH belongs to a whole process, so each is in one of its own.
@Suite struct CommandLookupTests {
  @Test func `a file that cannot be executed does not end the search`() async {
    await #expect(processExitsWith: .success) {
      let first = try Files()
      let second = try Files()
      let plain = try first.file("tool", "echo no\n", mode: 0o644)
      setenv("PATH", "/no/such/directory:\(first.path):\(second.path):/bin:/usr/bin", 1)
      #expect(Running.failure(["tool"]) == .notExecutable(plain, Errno(EACCES)))
      _ = try second.file("tool", "#!/bin/sh\necho yes $0\n")
      let result = try Running.run(["tool"])
      #expect(result.text == "yes \(second.path)/tool\n")
    }
  }

  @Test func `a missing interpreter does not end the search either`() async {
    await #expect(processExitsWith: .success) {
      let first = try Files()
      let second = try Files()
      let broken = try first.file("tool", "#!/no/such/interpreter\n")
      setenv("PATH", "\(first.path):\(second.path):/bin:/usr/bin", 1)
      #expect(
        Running.failure(["tool"]) == .interpreterMissing(broken, "/no/such/interpreter"))
      let plain = try second.file("tool", "", mode: 0o644)
      #expect(Running.failure(["tool"]) == .notExecutable(plain, Errno(EACCES)))
    }
  }

  @Test func `an empty element of PATH is the current directory`() async {
    await #expect(processExitsWith: .success) {
      let files = try Files()
      _ = try files.file("-tool", "echo here\n")
      chdir(files.path)
      setenv("PATH", ":/bin:/usr/bin", 1)
      let result = try Running.run(["-tool"])
      #expect(result.text == "here\n")
      chdir("/")
      #expect(Running.failure(["-tool"]) == .notFound("-tool"))
    }
  }

  @Test func `without PATH the system's directories are searched`() async {
    await #expect(processExitsWith: .success) {
      unsetenv("PATH")
      let result = try Running.run(["echo", "found"])
      #expect(result.text == "found\n")
    }
  }

  @Test func `the first argument stays what the user wrote`() async {
    await #expect(processExitsWith: .success) {
      let result = try Running.run(["cat", "/proc/self/cmdline"])
      #expect(result.text == "cat\0/proc/self/cmdline\0")
    }
  }
}
