extension ConfigurationKey<ServerConfiguration> {
  static let ofServer: [ConfigurationKey] = [
    ConfigurationKey("server.bind", \.bind, .addresses),
    ConfigurationKey("server.port", \.port, .port),
    ConfigurationKey("server.socket", \.socket, .path),
    ConfigurationKey("server.hosts", \.hosts, .hosts),
    ConfigurationKey("server.origins", \.origins, .origins),
    ConfigurationKey("tls.certificate", \.certificate, .path),
    ConfigurationKey("tls.key", \.key, .path),
    ConfigurationKey("limits.head", \.limits.head, .bytes(1 << 10, 1 << 20)),
    ConfigurationKey("limits.fields", \.limits.fields, .number(10, 1000)),
    ConfigurationKey("limits.target", \.limits.target, .bytes(256, 1 << 20)),
    ConfigurationKey("limits.body", \.limits.body, .bytes(1 << 10, 16 << 20)),
    ConfigurationKey("limits.head_time", \.limits.headTime, .duration),
    ConfigurationKey("limits.body_time", \.limits.bodyTime, .duration),
    ConfigurationKey("limits.idle_time", \.limits.idleTime, .duration),
    ConfigurationKey("limits.connections", \.limits.connections, .number(1, 100_000)),
    ConfigurationKey("limits.streams", \.limits.streams, .number(1, 100_000)),
    ConfigurationKey("limits.requests", \.limits.requests, .number(1, 1_000_000)),
    ConfigurationKey("limits.burst", \.limits.burst, .number(1, 1_000_000)),
    ConfigurationKey("log.level", \.logLevel, .level),
    ConfigurationKey("log.format", \.logFormat, .word),
    ConfigurationKey("ledger.directory", \.ledgerDirectory, .path),
    ConfigurationKey("ledger.file_system", \.ledgerFileSystem, .word),
  ]
}

extension ConfigurationValue<Int> {
  static let port = number(0, 65535)

  static func number(_ least: Int, _ most: Int) -> ConfigurationValue {
    ConfigurationValue(
      "\(least) to \(most)",
      read: { word throws(Refusal) in
        guard let number = Int(word) else { throw Refusal("it is no number") }
        guard (least...most).contains(number) else { throw Refusal("it is out of range") }
        return number
      }, text: { "\($0)" })
  }
}

extension ConfigurationValue<Int64> {
  static func bytes(_ least: Int64, _ most: Int64) -> ConfigurationValue {
    ConfigurationValue(
      "\(ByteSize.text(least)) to \(ByteSize.text(most))",
      read: { word throws(Refusal) in
        let bytes = try ByteSize.bytes(word)
        guard (least...most).contains(bytes) else { throw Refusal("it is out of range") }
        return bytes
      }, text: { ByteSize.text($0) })
  }
}

extension ConfigurationValue<[String]> {
  /// Words that name addresses; their meaning is told by who listens on them.
  static let addresses = words("an address or a list: 127.0.0.1, [::1]:8000, localhost, all") {
    !$0.contains("/")
  }

  static let hosts = words("a name or a list of names, without a port: ops.example.org") { word in
    word.utf8.allSatisfy { byte in
      let scalar = Unicode.Scalar(byte)
      return scalar.isASCII
        && (scalar.properties.isAlphabetic || "0123456789.-:_".contains(Character(scalar)))
    }
  }

  static let origins = words("an origin or a list: https://ops.example.org") { word in
    guard let scheme = ["http://", "https://"].first(where: word.hasPrefix) else { return false }
    let host = word.dropFirst(scheme.count)
    return !host.isEmpty && !host.contains("/") && !host.contains("*")
  }

  private static func words(
    _ accepted: String, _ isRight: @escaping @Sendable (String) -> Bool
  ) -> ConfigurationValue {
    ConfigurationValue(
      accepted: accepted,
      read: { node, _ throws(Refusal) in
        let nodes = if case .sequence(let items) = node.value { items } else { [node] }
        var words: [String] = []
        for node in nodes {
          guard case .scalar(let text, _) = node.value else {
            throw Refusal("it holds \(node.kindName), not single values")
          }
          if text.isEmpty { continue }
          guard isRight(text), text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw Refusal("\(SettingError.quoted(text)) is not of that form")
          }
          words.append(text)
        }
        return words
      }, text: { "[\($0.map { "\"\($0)\"" }.joined(separator: ", "))]" })
  }
}
