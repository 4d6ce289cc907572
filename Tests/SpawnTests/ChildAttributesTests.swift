import Glibc
import Linux
import Spawn
import TestSupport
import Testing

@Suite struct ChildAttributesTests {
  private static func attributes(
    directory: String? = nil, umask: UInt32? = nil, niceness: Int32? = nil
  ) -> ChildAttributes {
    var attributes = ChildAttributes()
    attributes.directory = directory.map { Array($0.utf8) }
    attributes.umask = umask
    attributes.niceness = niceness
    return attributes
  }

  @Test func `a variable is added, and one of the same name replaced, byte for byte`() throws {
    let result = try Running.run(["env", "-0"]) {
      $0.variables = [Array("HOME=".utf8) + [0xff, 0x3d], Array("HOME_2=x=y".utf8)]
    }
    let variables = result.stdout.split(separator: 0).map(Array.init)
    let home = variables.filter { $0.starts(with: Array("HOME=".utf8)) }
    #expect(home == [Array("HOME=".utf8) + [0xff, 0x3d]])
    #expect(variables.contains(Array("HOME_2=x=y".utf8)))
    let own = Environment.all().filter { !$0.starts(with: Array("HOME=".utf8)) }
    #expect(own.allSatisfy(variables.contains))
    #expect(variables.count == own.count + 2)
  }

  @Test func `a command is looked up in the PATH that it gets`() throws {
    let files = try Files()
    _ = try files.file("only-here", "#!/bin/sh\necho found\n")
    let result = try Running.run(["only-here"]) {
      $0.variables = [Array("PATH=\(files.path)".utf8)]
    }
    #expect(result.text == "found\n")
  }

  @Test func `the child has directory, umask and niceness, and this process keeps its own`() throws
  {
    let files = try Files()
    let own = ["sh", "-c", "pwd -P; umask; nice"]
    let before = try Running.run(own).text
    let result = try Running.run(own) {
      $0.attributes = Self.attributes(directory: files.path, umask: 0o031, niceness: 7)
    }
    #expect(result.text == "\(files.path)\n0031\n7\n")
    try expect(Running.run(own).text, is: before)
  }

  @Test(arguments: ["./tool", "sub/../tool", "tool"])
  func `a relative command is one below the child's directory`(command: String) throws {
    let files = try Files()
    _ = try files.file("tool", "#!/bin/sh\necho there\n")
    #expect(mkdir("\(files.path)/sub", 0o755) == 0)
    let result = try Running.run([command]) {
      $0.attributes = Self.attributes(directory: files.path)
      $0.variables = [Array("PATH=.".utf8)]
    }
    #expect(result.text == "there\n")
  }

  @Test func `a script without an interpreter line is found below the child's directory`() throws {
    let files = try Files()
    _ = try files.file("script", "pwd -P\n")
    let result = try Running.run(["./script"]) {
      $0.attributes = Self.attributes(directory: files.path)
    }
    #expect(result.text == "\(files.path)\n")
  }

  @Test func `a directory that cannot be entered is named`() throws {
    let files = try Files()
    let file = try files.file("file", "")
    for (path, errno) in [("\(files.path)/none", ENOENT), (file, ENOTDIR)] {
      var launch = Running.launch(["true"])
      launch.attributes = Self.attributes(directory: path)
      let error = #expect(throws: SpawnError.self) { _ = try launch.start().pid }
      #expect(error == .directory(path, Errno(errno)))
      #expect(error?.exitCode == 125)
      #expect(error?.description.contains(path) == true)
    }
  }

  @Test func `a command that is missing there is told as ever`() throws {
    var launch = Running.launch(["./none"])
    launch.attributes = Self.attributes(directory: "/tmp", umask: 0o77)
    #expect(throws: SpawnError.notFound("./none")) { _ = try launch.start().pid }
  }
}
