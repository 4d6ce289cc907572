internal import ArgumentParser
internal import CommandLineKit
internal import Linux
internal import Presentation
internal import Remedies
internal import Server
internal import Settings

struct Start: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "start",
    abstract: "Serve until SIGTERM or SIGINT comes.",
    discussion: """
      Who runs as the same user, or as root, needs no token on 127.0.0.1, on [::1] and on a unix \
      socket; everybody else does, and everywhere else TLS is needed too. SIGHUP reads certificate \
      and tokens again.

        taros
        taros --bind localhost:8080 --bind [2001:db8::1]:8443
        taros --socket /run/taros/taros.sock
        taros --print-config
      """)

  @Option(
    help: ArgumentHelp(
      "Listen here; an address with or without a port, localhost, or all. May be repeated.",
      valueName: "address"))
  var bind: [String] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The port of addresses without one.", valueName: "number"))
  var port: UInt16?

  @Option(
    help: ArgumentHelp("Listen on a unix socket that is this user's alone.", valueName: "path"),
    completion: .file())
  var socket: String?

  @Flag(help: "Show every key of the configuration with the value in force, and end.")
  var printConfig = false

  @OptionGroup var options: ServerOptions

  func serve() async throws {
    var configuration = try options.configuration()
    if !bind.isEmpty { configuration.bind = bind }
    if let port { configuration.port = Int(port) }
    if let socket { configuration.socket = try absolute(socket) }
    if printConfig {
      let output = StandardOutput()
      for (key, value) in configuration.settings { output.write("\(key)=\(value)\n") }
      output.flush()
      return
    }
    try await Server(
      configuration, try options.directory(configuration), remedies: .ofTaros,
      version: Taros.version
    ).run()
  }

  private func absolute(_ path: String) throws -> String {
    if path.hasPrefix("/") { return path }
    guard !path.isEmpty else { throw Failure.usage("--socket is empty: name a file") }
    return "\(Host.currentDirectory())/\(path)"
  }
}
