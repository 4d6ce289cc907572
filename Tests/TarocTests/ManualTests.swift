internal import ArgumentParser
import CommandLineKit
import Events
import TestSupport
import Testing

@testable import taroc

@Suite(.temporaryDirectory) struct ManualTests {
  private static let every = [
    "NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "SEE ALSO",
  ]

  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  @Test func `there is a page for each command, with every option`() throws {
    let pages = Dictionary(uniqueKeysWithValues: Taroc.manual.pages.map { ($0.path, $0.text) })
    try check(Taroc.description.tree, "taroc", pages)
    let hosts = try #require(pages["man5/hosts.yaml.5"])
    #expect(hosts.contains(ManualText.bold("hosts.NAME.token_file")))
  }

  private func check(_ command: CommandTree, _ name: String, _ pages: [String: String]) throws {
    let page = try #require(pages["man1/\(name).1"], "\(name)")
    let sections = page.split(separator: "\n").filter { $0.hasPrefix(".SH ") }
    for section in Self.every {
      #expect(sections.contains(".SH \(section)"), "\(name): \(section)")
    }
    for argument in command.arguments {
      for option in argument.names {
        #expect(page.contains(ManualText.bold(option)), "\(name) \(option)")
      }
    }
    for subcommand in command.subcommands {
      try check(subcommand, "\(name)-\(subcommand.name)", pages)
    }
  }

  @Test func `no line of any help is wider than 80 columns`() throws {
    try checkHelp(Taroc.description.tree, [])
  }

  private func checkHelp(_ command: CommandTree, _ path: [String]) throws {
    let help = try taro.start(program: "taroc", path + ["--help"]) { _ in }.finish()
      .expect(code: 0, stderr: "")
    for line in help.lines { #expect(line.count <= 80, "\(path): \(line)") }
    for subcommand in command.subcommands { try checkHelp(subcommand, path + [subcommand.name]) }
  }

  @Test func `what make installs is complete and clean, and gone after uninstall`() throws {
    let place = "\(taro.root)/d"
    let make = "make -s -C '\(Repository.path(""))' TARO=$TARO DESTDIR='\(place)' PREFIX=/usr"
    try taro.shell("\(make) install-client-built").expect(code: 0, stderr: "")
    #expect(Files.mode("\(place)/usr/bin/taroc") == 0o755)
    for file in [
      "share/bash-completion/completions/taroc", "share/zsh/site-functions/_taroc",
      "share/fish/vendor_completions.d/taroc.fish", "share/man/man1/taroc.1.gz",
      "share/man/man1/taroc-list-disabled.1.gz", "share/man/man5/hosts.yaml.5.gz",
    ] { #expect(Files.mode("\(place)/usr/\(file)") == 0o644, "\(file)") }
    let pages = Files.names(in: "\(place)/usr/share/man/man1")
    #expect(pages.count == Taroc.manual.pages.count - 1)
    try taro.shell(
      "cd '\(place)/usr/share/man'; for p in man*/*; do gunzip -c $p > \"$PAGES/${p##*/}\"; done"
    ) {
      $0.environment["PAGES"] = taro.work
    }.expect(code: 0, stderr: "")
    try taro.shell("mandoc -T lint -W warning *.gz 2>&1").expect(code: 0, stdout: "")
    try taro.shell("\(make) uninstall").expect(code: 0, stdout: "", stderr: "")
    try expect(taro.shell("find '\(place)' -type f").text) { $0.isEmpty }
  }
}
