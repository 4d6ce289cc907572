package import Events
internal import Glibc
internal import Linux
internal import Testing

/// The built `taros` beside a ``TaroProgram``'s ledger: started, ready, and ended with its owner.
///
///     let server = try TarosProgram(taro)
///     try server.get("/ledger").expect(200)
package final class TarosProgram {
  package let process: TaroProcess
  /// Of the first address it listens on; 0 where it listens on a unix socket alone.
  package let port: UInt16
  /// Every line of the log up to where it was ready.
  package private(set) var log: [JSON] = []
  private let taro: TaroProgram

  /// Starts it on a port of the kernel's choice, and waits until it is ready.
  /// - Parameters:
  ///   - arguments: more of them.
  ///   - address: what to bind to; nil for nothing but what the arguments say.
  package init(
    _ taro: TaroProgram, _ arguments: String..., address: String? = "127.0.0.1:0",
    change: (inout TaroProgram.Setup) -> Void = { _ in }
  ) throws {
    self.taro = taro
    let words =
      (address.map { ["--bind", $0] } ?? [])
      + ["--set", "log.format=json", "--set", "log.level=debug"] + arguments
    process = try taro.start(program: "taros", words, change: change)
    var port: UInt16 = 0
    while true {
      let line = try JSON(parsing: try process.readLine(.stderr))
      log.append(line)
      if line["message"]?.string == "listening", port == 0,
        let address = line["address"]?.string, let colon = address.lastIndex(of: ":")
      {
        port = UInt16(address[address.index(after: colon)...]) ?? 0
      }
      if line["message"]?.string == "ready" { break }
    }
    self.port = port
  }

  /// Runs it to its end: for what is refused at the start.
  package static func run(
    _ taro: TaroProgram, _ arguments: String...,
    change: (inout TaroProgram.Setup) -> Void = { _ in }
  ) throws -> TaroResult {
    try taro.start(program: "taros", arguments, change: change).finish()
  }

  /// A new token.
  package static func token(
    _ taro: TaroProgram, _ name: String, _ scope: String = "read", _ more: String...
  ) throws -> String {
    let words = ["token", "add", name, "--scope", scope] + more
    let result = try taro.start(program: "taros", words) { _ in }.finish().expect(code: 0)
    return result.lines.first ?? ""
  }

  package func connect() throws -> HTTPClient { try HTTPClient(.port(port)) }

  package func ask(
    _ method: String, _ target: String, _ fields: [String: String] = [:], body: String? = nil
  ) throws -> HTTPAnswer {
    try connect().ask(method, target, fields, body: body)
  }

  package func get(_ target: String, _ fields: [String: String] = [:]) throws -> HTTPAnswer {
    try ask("GET", target, fields)
  }

  /// Sends bytes on a connection of their own, and reads one answer.
  package func exchange(_ bytes: String) throws -> HTTPAnswer {
    let client = try connect()
    try client.send(bytes)
    return try client.readAnswer()
  }

  /// Waits for a line of the log.
  package func waitForLog(_ what: String, _ isWanted: (JSON) -> Bool) throws -> JSON {
    while true {
      let line = try JSON(parsing: try process.readLine(.stderr))
      log.append(line)
      if isWanted(line) { return line }
    }
  }

  /// Asks it to end, and waits for that.
  @discardableResult
  package func end() throws -> TaroResult {
    process.signal(SIGTERM)
    return try process.finish()
  }
}
