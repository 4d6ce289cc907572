internal import Events

/// A kind of value: how it is read, and written so that it can be read back.
struct ConfigurationValue<Value: Sendable>: Sendable {
  /// The accepted values, for messages.
  let accepted: String
  let read: @Sendable (YAMLNode, UserEnvironment) throws(Refusal) -> Value
  let text: @Sendable (Value) -> String
}

extension ConfigurationValue {
  /// A kind whose values are single words or numbers.
  init(
    _ accepted: String, read: @escaping @Sendable (String) throws(Refusal) -> Value,
    text: @escaping @Sendable (Value) -> String
  ) {
    self.init(
      accepted: accepted,
      read: { node, _ throws(Refusal) in try read(try Self.word(node)) }, text: text)
  }

  fileprivate static func word(_ node: YAMLNode) throws(Refusal) -> String {
    guard case .scalar(let text, _) = node.value else {
      throw Refusal("it is \(node.kindName), not a single value")
    }
    return text
  }

  /// The refusal without the text and the remedy: the message has both already.
  fileprivate static func reasonOnly<Result>(
    _ body: () throws(SettingError) -> Result
  ) throws(Refusal) -> Result {
    do throws(SettingError) { return try body() } catch { throw Refusal(error.reason) }
  }

  /// A value that may be off, which is nil: written as nothing or `off`.
  static func optional<Wrapped>(
    _ kind: ConfigurationValue<Wrapped>
  ) -> ConfigurationValue where Value == Wrapped? {
    ConfigurationValue(
      accepted: "\(kind.accepted); or off",
      read: { node, surroundings throws(Refusal) in
        if case .scalar(let text, _) = node.value, text.isEmpty || YAMLNode.bool(text) == false {
          return nil
        }
        return try kind.read(node, surroundings)
      },
      text: { $0.map { kind.text($0) } ?? "off" })
  }
}

extension ConfigurationValue<Bool> {
  static let toggle = ConfigurationValue(
    "on or off, true or false, yes or no",
    read: { word throws(Refusal) in
      guard let value = YAMLNode.bool(word) else { throw Refusal("it is neither true nor false") }
      return value
    }, text: { $0 ? "on" : "off" })

  static let killOrOff = ConfigurationValue(
    "kill, or off",
    read: { word throws(Refusal) in
      if word.lowercased() == "kill" { return true }
      guard word.isEmpty || YAMLNode.bool(word) == false else { throw Refusal("it is neither") }
      return false
    }, text: { $0 ? "kill" : "off" })

  static let logMode = ConfigurationValue(
    "on or off, enabled or disabled",
    read: { word throws(Refusal) in
      switch word.lowercased() {
      case "enabled": return true
      case "disabled": return false
      case "propagate": throw Refusal("there is no other logger that lines could be passed to")
      default:
        guard let value = YAMLNode.bool(word) else { throw Refusal("there is no such mode") }
        return value
      }
    }, text: { $0 ? "on" : "off" })
}

extension ConfigurationValue<LogLevel> {
  static let level = ConfigurationValue(
    LogLevel.allCases.map(\.word).joined(separator: ", "),
    read: { word throws(Refusal) in
      guard let level = LogLevel.allCases.first(where: { $0.word == word.lowercased() }) else {
        throw Refusal("there is no such level")
      }
      return level
    }, text: { $0.word })
}

extension ConfigurationValue where Value: RawRepresentable<String> & CaseIterable {
  /// One of the words of an enum.
  static var word: ConfigurationValue {
    ConfigurationValue(
      Value.allCases.map(\.rawValue).joined(separator: ", "),
      read: { word throws(Refusal) in
        guard let value = Value(rawValue: word) else {
          throw Refusal(Value.allCases.count == 2 ? "it is neither" : "it is none of them")
        }
        return value
      }, text: { $0.rawValue })
  }
}

extension ConfigurationValue<Int64> {
  /// At most a year: added to a clock it is still a time.
  static let duration = ConfigurationValue(
    "5s, 1m30s, 1h, PT1H, or a number of seconds",
    read: { word throws(Refusal) in
      let duration = try reasonOnly { () throws(SettingError) in
        try DurationText.microseconds(word)
      }
      guard duration <= 366 * 86_400_000_000 else { throw Refusal("it is longer than a year") }
      return duration
    }, text: { DurationText.exact($0) })

  static let size = ConfigurationValue(
    "500M, 2G, 1.5T, or a number of bytes",
    read: { word throws(Refusal) in try ByteSize.bytes(word) }, text: { ByteSize.text($0) })
}

extension ConfigurationValue<CalendarDuration> {
  static let age = ConfigurationValue(
    "30d, 12h, P1Y, P6M, P30D, PT12H",
    read: { word throws(Refusal) in
      try reasonOnly { () throws(SettingError) in try CalendarDuration(word) }
    }, text: { $0.text })
}

extension ConfigurationValue<Int> {
  static let count = ConfigurationValue(
    "0, 1, 2, ...",
    read: { word throws(Refusal) in
      guard let count = Int(word), count >= 0 else { throw Refusal("it is no such number") }
      return count
    }, text: { "\($0)" })
}

extension ConfigurationValue<Int?> {
  /// The original's -1 for "no limit", too.
  static let limit: ConfigurationValue<Int?> = {
    let count = optional(ConfigurationValue<Int>.count)
    return ConfigurationValue(
      accepted: "\(count.accepted) (-1)",
      read: { node, surroundings throws(Refusal) in
        if case .scalar("-1", _) = node.value { return nil }
        return try count.read(node, surroundings)
      }, text: count.text)
  }()
}

extension ConfigurationValue<String?> {
  /// An absolute path: a crontab's jobs have other directories than a shell's.
  static let path = ConfigurationValue(
    accepted: "an absolute path, or one that begins with ~/",
    read: { node, surroundings throws(Refusal) in
      let text = try word(node)
      if text.isEmpty { return nil }
      guard let path = surroundings.expandingHome(text), path.hasPrefix("/") else {
        throw Refusal("it is no absolute path")
      }
      return path
    }, text: { $0 ?? "" })
}

extension ConfigurationValue<RecordedVariables> {
  static let variables = ConfigurationValue(
    accepted: "false, true, or a list of names",
    read: { node, surroundings throws(Refusal) in
      if case .scalar(let text, _) = node.value, let all = YAMLNode.bool(text) {
        return all ? .all : .none
      }
      let names = try ConfigurationValue<[String]>.names.read(node, surroundings)
      return names.isEmpty ? .none : .named(names)
    },
    text: { variables in
      switch variables {
      case .none: "false"
      case .all: "true"
      case .named(let names): ConfigurationValue<[String]>.names.text(names)
      }
    })
}

extension ConfigurationValue<[String]> {
  /// A name, or a list of names.
  static let names = ConfigurationValue(
    accepted: "a name, or a list of names: letters, digits, - and _",
    read: { node, _ throws(Refusal) in
      let nodes = if case .sequence(let items) = node.value { items } else { [node] }
      var names: [String] = []
      for node in nodes {
        let name = try word(node)
        if name.isEmpty { continue }
        let isName = name.utf8.allSatisfy { byte in
          let scalar = Unicode.Scalar(byte)
          return scalar.properties.isAlphabetic && scalar.isASCII || scalar == "-" || scalar == "_"
            || ("0"..."9").contains(scalar)
        }
        guard isName else { throw Refusal("\(SettingError.quoted(name)) is no name") }
        names.append(name)
      }
      return names
    }, text: { "[\($0.joined(separator: ", "))]" })
}
