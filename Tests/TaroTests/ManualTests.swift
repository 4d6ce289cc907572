internal import ArgumentParser
import CommandLineKit
import Glibc
import TestSupport
import Testing

@testable import taro

@Suite(.temporaryDirectory) struct ManualTests {
  private static let every = [
    "NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "SEE ALSO",
  ]

  private func sections(_ text: String) -> [String] {
    text.split(separator: "\n").filter { $0.hasPrefix(".SH ") }.map { String($0.dropFirst(4)) }
  }

  @Test func `there is a page for each command, with every option`() throws {
    let pages = Dictionary(uniqueKeysWithValues: Taro.manual.pages.map { ($0.path, $0.text) })
    try check(Taro.description.tree, "taro", pages)
    #expect(pages["man5/taro.yaml.5"] != nil)
  }

  private func check(_ command: CommandTree, _ name: String, _ pages: [String: String]) throws {
    let page = try #require(pages["man1/\(name).1"], "\(name)")
    for section in Self.every { #expect(sections(page).contains(section), "\(name): \(section)") }
    for argument in command.arguments {
      for option in argument.names {
        #expect(page.contains(ManualText.bold(option)), "\(name) \(option)")
      }
    }
    for subcommand in command.subcommands {
      try check(subcommand, "\(name)-\(subcommand.name)", pages)
    }
  }

  @Test func `what make installs is complete and clean, and gone after uninstall`() throws {
    let taro = try TaroProgram()
    let make = "make -s -C '\(Repository.path(""))' TARO=$TARO DESTDIR='\(taro.root)/d' PREFIX=/usr"
    try taro.shell("\(make) install-built").expect(code: 0, stderr: "")
    let share = "\(taro.root)/d/usr/share"
    #expect(Files.mode("\(taro.root)/d/usr/bin/taro") == 0o755)
    let users = "\(taro.root)/d/var/lib/taro-users"
    #expect(Files.mode(users) == 0o1733)
    for file in [
      "bash-completion/completions/taro", "zsh/site-functions/_taro",
      "fish/vendor_completions.d/taro.fish", "man/man1/taro-exec.1.gz", "man/man5/taro.yaml.5.gz",
    ] { #expect(Files.mode("\(share)/\(file)") == 0o644, "\(file)") }
    #expect(Files.names(in: "\(share)/man/man1").count == Taro.manual.pages.count - 1)
    for (file, source) in [
      ("man5/taro-json.5", "json"), ("man5/taro-format.5", "format"),
      ("man7/taro-plugins.7", "plugins"),
    ] {
      #expect(Files.mode("\(share)/man/\(file).gz") == 0o644, "\(file)")
      let page = Repository.path("docs/\(source).md")
      try expect(Files.text("\(share)/doc/taro/\(source).md"), is: Files.text(page))
    }
    for place in ["system", "user"] {
      let units = "\(taro.root)/d/usr/lib/systemd/\(place)"
      for unit in ["taro-tell.service", "taro-tell.timer"] {
        #expect(Files.mode("\(units)/\(unit)") == 0o644, "\(place)/\(unit)")
      }
      try expect(Files.text("\(units)/taro-tell.service")) {
        $0.contains("ExecStart=/usr/bin/taro tell\n")
      }
    }
    for (shell, file) in [
      ("bash", "bash-completion/completions/taro"), ("zsh", "zsh/site-functions/_taro"),
      ("fish", "fish/vendor_completions.d/taro.fish"),
    ] {
      let told = try taro.run("--generate-completion-script", shell).text
      try expect(Files.text("\(share)/\(file)"), is: told)
    }
    try taro.shell(
      "cd '\(share)/man'; for p in man*/*; do gunzip -c $p > $TARO_PAGES/${p##*/}; done"
    ) {
      $0.environment["TARO_PAGES"] = taro.work
    }.expect(code: 0, stderr: "")
    let lint = try taro.shell("mandoc -T lint -W warning *.gz 2>&1")
    #expect(lint.text.isEmpty, "\(lint)")
    #expect(lint.code == 0, "\(lint)")
    // Done again it is the same.
    let sum = "find '\(taro.root)/d' -type f | sort | xargs cksum"
    let first = try taro.shell(sum).text
    try taro.shell("\(make) install-built").expect(code: 0, stderr: "")
    try expect(taro.shell(sum).text, is: first)
    try Files.write([], to: "\(users)/61001")
    try taro.shell("\(make) uninstall").expect(
      code: 0, stdout: "what was recorded stays in \(users)\n", stderr: "")
    try #require(unlink("\(users)/61001") == 0)
    try taro.shell("\(make) uninstall").expect(code: 0, stdout: "", stderr: "")
    try expect(taro.shell("find '\(taro.root)/d' -type f").text) { $0.isEmpty }
  }
}

@Suite struct HelpTests {
  @Test(.temporaryDirectory) func `no line of any help is wider than 80 columns`() throws {
    let taro = try TaroProgram()
    try check(Taro.description.tree, [], taro)
  }

  private func check(_ command: CommandTree, _ path: [String], _ taro: TaroProgram) throws {
    let words = path.map { Array($0.utf8) } + [Array("--help".utf8)]
    let help = try taro.start(bytes: words).finish().expect(code: 0, stderr: "")
    for line in help.lines { #expect(line.count <= 80, "\(path): \(line)") }
    if path.count > 0, command.arguments.contains(where: { $0.names.contains("--ledger") }) {
      #expect(help.text.hasSuffix("them.\n\n"), "\(path)")
      #expect(!help.text.contains("--min-config  "), "\(path)")
    }
    let asked = [Array("help".utf8)] + words.dropLast()
    try expect(taro.start(bytes: asked).finish().text, is: help.text)
    for subcommand in command.subcommands { try check(subcommand, path + [subcommand.name], taro) }
  }
}
