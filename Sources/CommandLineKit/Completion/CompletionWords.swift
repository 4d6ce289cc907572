package import ArgumentParser
internal import Events
internal import Linux
package import Settings

/// Words that arguments are completed to without asking anybody.
extension CompletionKind {
  /// Every state, in lower case as people type them.
  package static var states: CompletionKind { .states { _ in true } }

  /// The states that a run can end in.
  package static var endStates: CompletionKind { .states(\.isTerminal) }

  private static func states(_ isWanted: @escaping @Sendable (InstanceState) -> Bool)
    -> CompletionKind
  {
    .found { _ in
      InstanceState.allCases.filter(isWanted).map {
        Candidate($0.rawValue.lowercased(), note: "state")
      }
    }
  }

  package static var signals: CompletionKind {
    .found { _ in Signals.allNames.map { Candidate($0, note: "signal") } }
  }

  /// The keys of the configuration, up to the equals sign.
  package static var settings: CompletionKind { .settings(of: Configuration.self) }

  package static func settings<Model: Configurable>(of model: Model.Type) -> CompletionKind {
    .found { _ in
      Model().settings.map { Candidate("\($0.key)=", note: "\($0.value) by default") }
    }
  }

  private static func found(
    _ find: @escaping @Sendable (_ prefix: String) -> [Candidate]
  ) -> CompletionKind {
    .custom { _, _, prefix in find(prefix).map(\.line) }
  }
}
