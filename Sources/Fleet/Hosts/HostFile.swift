internal import Events
internal import Linux
package import Settings

/// The file `hosts.yaml`: hosts, groups, and what holds for all.
///
///     defaults: {user: ops, parallel: 64}
///     hosts:
///       web1: {address: 10.0.0.1, port: 22, labels: {dc: ams}}
///       edge: {url: https://edge.example:8000, token_file: ~/.config/taroc/edge.token}
///     groups: {web: [web1, web2]}
package struct HostFile {
  package static let fileName = "hosts.yaml"
  /// The folders of the user's and the host's configuration where it is looked for.
  package static let folders = ["taroc", "taro"]

  private let path: String
  private let surroundings: UserEnvironment
  private var book = HostBook()
  private var members: [(group: String, name: String, line: Int)] = []
  private var problems: [ConfigurationProblem] = []

  /// Reads the file.
  /// - Throws: everything in it that cannot be used, at once.
  package static func read(
    _ file: ConfigurationFile, surroundings: UserEnvironment = .current
  ) throws(ConfigurationError) -> HostBook {
    var reader = HostFile(path: file.path, surroundings: surroundings)
    do throws(YAMLError) {
      if let root = try YAMLReader.root(of: file.bytes) { reader.read(root) }
    } catch { throw ConfigurationError("\(file.path):\(error.line)", error.reason) }
    reader.resolveGroups()
    guard reader.problems.isEmpty else { throw ConfigurationError(reader.problems) }
    return reader.book
  }

  private init(path: String, surroundings: UserEnvironment) {
    self.path = path
    self.surroundings = surroundings
  }

  private mutating func refuse(_ line: Int, _ message: String) {
    problems.append(ConfigurationProblem(place: "\(path):\(line)", message: message))
  }

  private mutating func read(_ root: YAMLNode) {
    guard !root.isNull else { return }
    for entry in entries(root, "the file") {
      switch entry.key {
      case "defaults": readDefaults(entry.value)
      case "hosts":
        for host in entries(entry.value, "hosts") { readHost(host) }
      case "groups":
        for group in entries(entry.value, "groups") { readGroup(group) }
      default:
        refuse(
          entry.line,
          "there is no key \(SettingError.quoted(entry.key)); accepted: defaults, hosts, groups")
      }
    }
  }

  private mutating func entries(_ node: YAMLNode, _ what: String) -> [YAMLNode.Entry] {
    if node.isNull { return [] }
    guard case .mapping(let entries) = node.value else {
      refuse(node.line, "\(what): it is \(node.kindName), not a mapping")
      return []
    }
    return entries
  }

  /// The word of an entry; nil, and a problem, where it is none.
  private mutating func word(_ entry: YAMLNode.Entry) -> String? {
    guard case .scalar(let text, _) = entry.value.value, !text.isEmpty, !entry.value.isNull else {
      refuse(entry.line, "\(entry.key) is \(entry.value.kindName), not a word")
      return nil
    }
    guard text.unicodeScalars.allSatisfy({ !EscapedText.acts($0) }) else {
      refuse(entry.line, "\(entry.key) has a control character in it")
      return nil
    }
    return text
  }

  private mutating func number(_ entry: YAMLNode.Entry, _ range: ClosedRange<Int>) -> Int? {
    guard let text = word(entry) else { return nil }
    guard let number = Int(text), range.contains(number) else {
      refuse(
        entry.line,
        "\(entry.key) \(SettingError.quoted(text)): accepted is a number from \(range.lowerBound) to "
          + "\(range.upperBound)")
      return nil
    }
    return number
  }

  private static let defaultKeys = ["user", "port", "taro", "ledger", "parallel"]
  private static let keys = [
    "address", "port", "user", "taro", "ledger", "labels", "url", "token_file", "ca",
  ]

  private mutating func readDefaults(_ node: YAMLNode) {
    for entry in entries(node, "defaults") {
      switch entry.key {
      case "user": book.defaults.user = user(entry)
      case "port": book.defaults.port = number(entry, 1...65535).map { UInt16($0) }
      case "taro": book.defaults.program = program(entry)
      case "ledger": book.defaults.ledger = directory(entry)
      case "parallel": book.defaults.parallel = number(entry, 1...1024)
      default:
        refuse(
          entry.line,
          "there is no default \(SettingError.quoted(entry.key)); accepted: "
            + Self.defaultKeys.joined(separator: ", "))
      }
    }
  }

  private mutating func user(_ entry: YAMLNode.Entry) -> String? {
    guard let text = word(entry) else { return nil }
    do throws(SSHAddress.Refusal) {
      guard let user = try SSHAddress("\(text)@host").user, user == text else { return nil }
      return user
    } catch {
      refuse(entry.line, "user \(SettingError.quoted(text)): \(error.reason)")
      return nil
    }
  }

  /// A path, or a name: no option of the shell that looks for it.
  private mutating func program(_ entry: YAMLNode.Entry) -> String? {
    guard let text = word(entry) else { return nil }
    guard !text.hasPrefix("-") else {
      refuse(entry.line, "\(entry.key) \(SettingError.quoted(text)): it begins with a dash")
      return nil
    }
    return text
  }

  private mutating func directory(_ entry: YAMLNode.Entry) -> String? {
    guard let text = word(entry) else { return nil }
    guard text.hasPrefix("/") else {
      refuse(
        entry.line, "ledger \(SettingError.quoted(text)): a path on that host begins with a slash")
      return nil
    }
    return text
  }

  /// A file of this host.
  private mutating func file(_ entry: YAMLNode.Entry) -> String? {
    guard let text = word(entry) else { return nil }
    guard let expanded = surroundings.expandingHome(text) else {
      refuse(entry.line, "\(entry.key): there is no home directory")
      return nil
    }
    guard !expanded.hasPrefix("/") else { return expanded }
    // Beside the file that names it.
    let folder = path[..<(path.lastIndex(of: "/") ?? path.startIndex)]
    return folder.isEmpty ? expanded : "\(folder)/\(expanded)"
  }

  /// A host's own words, before it is known which way it is asked.
  private struct Words {
    var address: String?
    var url: String?
    var user: String?
    var port: UInt16?
    var tokenFile: String?
    var authorities: String?
  }

  private mutating func readHost(_ host: YAMLNode.Entry) {
    var words = Words()
    var result = FleetHost(host.key, .ssh(SSHAddress(checked: host.key)))
    for entry in entries(host.value, "host \(SettingError.quoted(host.key))") {
      switch entry.key {
      case "address": words.address = word(entry)
      case "url": words.url = word(entry)
      case "user": words.user = user(entry)
      case "port": words.port = number(entry, 1...65535).map { UInt16($0) }
      case "token_file": words.tokenFile = file(entry)
      case "ca": words.authorities = file(entry)
      case "taro": result.program = program(entry)
      case "ledger": result.ledger = directory(entry)
      case "labels":
        for label in entries(entry.value, "labels") {
          if let value = word(label) {
            result.labels.append(JSON.Member(label.key, .string(value)))
          }
        }
      default:
        refuse(
          entry.line,
          "a host has no \(SettingError.quoted(entry.key)); accepted: "
            + Self.keys.joined(separator: ", "))
      }
    }
    do throws(SSHAddress.Refusal) {
      try checkName(host.key)
      result.way = try way(words, host.key)
      book.put(result, into: nil)
    } catch { refuse(host.line, error.description) }
  }

  private func checkName(_ name: String) throws(SSHAddress.Refusal) { _ = try SSHAddress(name) }

  private func way(_ words: Words, _ name: String) throws(SSHAddress.Refusal) -> FleetHost.Way {
    func refuse(_ reason: String) -> SSHAddress.Refusal {
      SSHAddress.Refusal(text: name, reason: reason)
    }
    guard let url = words.url else {
      guard words.tokenFile == nil, words.authorities == nil else {
        throw refuse("token_file and ca belong to a url")
      }
      // An address of IPv6 needs no brackets where it stands alone.
      let text = words.address ?? name
      let isBare = InternetAddress(text)?.family == .v6
      var address = try SSHAddress(isBare ? "[\(text)]" : text)
      address.user = words.user ?? address.user
      address.port = words.port ?? address.port
      return .ssh(address)
    }
    guard words.address == nil, words.user == nil, words.port == nil else {
      throw refuse("it has a url; leave out address, user and port")
    }
    var address = try RESTAddress(url)
    address.tokenFile = words.tokenFile
    address.authorities = words.authorities
    return .rest(address)
  }

  private mutating func readGroup(_ group: YAMLNode.Entry) {
    do throws(SSHAddress.Refusal) { try checkName(group.key) } catch {
      return refuse(group.line, "group \(SettingError.quoted(group.key)): \(error.reason)")
    }
    book.addGroup(group.key)
    if group.value.isNull { return }
    guard case .sequence(let items) = group.value.value else {
      return refuse(group.line, "group \(SettingError.quoted(group.key)) is no list of hosts")
    }
    for item in items {
      guard case .scalar(let name, _) = item.value, !item.isNull else {
        refuse(item.line, "group \(SettingError.quoted(group.key)): a host is a name")
        continue
      }
      members.append((group.key, name, item.line))
    }
  }

  /// A member that is no configured host is an address of its own.
  private mutating func resolveGroups() {
    for member in members {
      if let host = book.host(named: member.name) {
        book.put(host, into: member.group)
        continue
      }
      do throws(SSHAddress.Refusal) {
        book.put(FleetHost(member.name, .ssh(try SSHAddress(member.name))), into: member.group)
      } catch { refuse(member.line, error.description) }
    }
  }
}

extension SSHAddress {
  /// A place whose name was, or will be, checked elsewhere.
  fileprivate init(checked host: String) {
    self.host = host
    user = nil
    port = nil
  }
}
