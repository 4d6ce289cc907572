internal import Events

/// Facts of two instances beside each other.
package struct InstanceComparison: Equatable, Sendable {
  package struct Fact: Equatable, Sendable {
    package enum Value: Equatable, Sendable {
      case text(String?)
      case words([String])
      case duration(Int64?)
      case bytes(Int64?)
      case count(Int64?)
    }

    package let name: String
    package let old: Value
    package let new: Value
    /// False for what is another in every run: how long it took, what it used.
    package let counts: Bool

    package var isSame: Bool { old == new }
  }

  package let facts: [Fact]

  package init(_ old: InstanceDocument, _ new: InstanceDocument) {
    var facts: [Fact] = []
    func add(
      _ name: String, counts: Bool = true, _ value: (InstanceDocument) -> Fact.Value
    ) {
      facts.append(Fact(name: name, old: value(old), new: value(new), counts: counts))
    }
    add("state") { .text($0.state.rawValue) }
    add("exit") { .text(Self.exit($0)) }
    add("command") { .words($0.command) }
    add("directory") { .text($0.cwd) }
    add("user") { .text("\($0.user)@\($0.host)") }
    for name in Self.names(old.params, new.params) {
      add("param \(name)") { .text(Self.value($0.params, name)) }
    }
    if let before = old.env, let after = new.env {
      for name in Self.names(before, after) {
        add("env \(name)") { .text(Self.value($0.env ?? [], name)) }
      }
    }
    add("ran", counts: false) { .duration($0.run) }
    add("user time", counts: false) { .duration($0.usage?.userMicroseconds) }
    add("system", counts: false) { .duration($0.usage?.systemMicroseconds) }
    add("memory", counts: false) {
      .bytes($0.usage.flatMap { $0.maxRSSBytes ?? $0.maxRSSBelowBytes })
    }
    add("lines", counts: false) { .count($0.output?.totals.lines) }
    self.facts = facts
  }

  /// Something that counts is not the same.
  package var differs: Bool { facts.contains { $0.counts && !$0.isSame } }

  private static func exit(_ instance: InstanceDocument) -> String? {
    if let code = instance.exitCode { return "code \(code)" }
    return instance.signal.map { "SIG\($0)" } ?? instance.reason
  }

  private static func names(_ old: [JSON.Member], _ new: [JSON.Member]) -> [String] {
    old.map(\.key) + new.map(\.key).filter { name in !old.contains { $0.key == name } }
  }

  private static func value(_ members: [JSON.Member], _ name: String) -> String? {
    members.first { $0.key == name }.map { $0.value.string ?? $0.value.text }
  }
}
