import Linux
import Spawn
import TestSupport
import Testing

@testable import Fleet

/// What reaches a program through a far shell.
@Suite struct FarCommandTests {
  private static let shells = [
    "/bin/sh", "/bin/bash", "/bin/dash", "/usr/bin/zsh", "/usr/bin/ksh", "/usr/bin/fish",
    "/bin/tcsh",
  ].filter { Files.exists($0) }

  private static let nasty: [[UInt8]] = [
    [], Array("plain".utf8), Array("-x".utf8), Array("--".utf8), Array("a b".utf8),
    Array("'".utf8), Array("''\\''".utf8), Array("\"$(id)\"`id`$HOME".utf8), Array("!!".utf8),
    Array("%s%n%%\\n\\0".utf8), Array("a\nb\n".utf8), Array("\t\r\u{1b}[2J".utf8),
    Array("*?[a]~{b,c}".utf8), Array("a=b;c&d|e>f<g#h".utf8), Array("\u{e4}\u{1f980}".utf8),
    [0xff, 0xfe, 0x01, 0x7f], Array("\\".utf8), Array("^a^b^".utf8), Array("a\\'b".utf8),
    (1...255).map { UInt8($0) },
  ]

  /// Runs a command line as sshd does, and returns what it prints.
  private func run(_ shell: String, _ command: [UInt8], code: Int32 = 0) throws -> [UInt8] {
    let pipe = try Descriptor.pipe()
    var launch = Launch([Array(shell.utf8), Array("-c".utf8), command], stdout: pipe.write.fd)
    launch.unblockedSignals = Array(1..<32)
    var child = try launch.start()
    let fd = pipe.read.fd
    close(pipe.write)
    let bytes = try RawIO.readAll(fd, limit: 1 << 20)
    #expect(child.waitUntilEnd().exitCode == code)
    return bytes
  }

  private func close(_ end: consuming Descriptor) {}

  @Test(arguments: shells) func `words arrive byte for byte`(shell: String) throws {
    for words in Self.nasty.map({ [$0] }) + [Self.nasty] {
      let line = FarCommand.line([Array("printf".utf8), Array("%s\\0".utf8)] + words)
      let printed = try run(shell, FarCommand.running(script: line))
      #expect(printed == words.flatMap { $0 + [0] }, "\(shell) \(words)")
    }
  }

  @Test(arguments: shells) func `the answer begins with who gives it`(shell: String) throws {
    let script = FarCommand.script(
      marker: "m-1", program: "echo", arguments: Self.nasty.prefix(8).map { $0 },
      variables: ["A=b"], preparation: "s=\"3 4\"")
    let printed = String(
      decoding: try run(shell, FarCommand.running(script: script)), as: UTF8.self)
    // echo takes its options for words.
    #expect(printed.hasPrefix("\nm-1 [3 4] --protocol\n"), "\(printed)")
    #expect(printed.contains(" plain -x -- a b ' ''\\'' \"$(id)\"`id`$HOME\n"), "\(printed)")
    let missing = FarCommand.script(marker: "m-1", program: "/no/such", arguments: [])
    let told = try run(shell, FarCommand.running(script: missing), code: 127)
    #expect(String(decoding: told, as: UTF8.self) == "\nm-1 [] missing\n")
  }
}
