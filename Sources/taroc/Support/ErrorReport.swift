internal import ArgumentParser
internal import CommandLineKit
internal import Fleet
internal import Glibc
internal import Linux
internal import Settings

/// The one place where errors become lines and exit codes.
enum ErrorReport {
  static func exit(with error: any Error) -> Never {
    switch error {
    case let code as ExitCode: Glibc.exit(code.rawValue)
    case let failure as Failure: end(failure.message, failure.code)
    case let refusal as HostSelection.Refusal: end(text(refusal), Failure.usageCode)
    case let error as ConfigurationError:
      for problem in error.problems { StandardError.say("\(problem)") }
      Glibc.exit(EX_CONFIG)
    case let error as SettingError: end(error.description, Failure.usageCode)
    case let error as SystemCallError: end(error.description, EX_OSERR)
    default:
      Glibc.exit(ParserReport.write(error, of: Taroc.self, words: ProgramArguments.texts).rawValue)
    }
  }

  private static func end(_ message: String, _ code: Int32) -> Never {
    StandardError.say(message)
    Glibc.exit(code)
  }

  private static func text(_ refusal: HostSelection.Refusal) -> String {
    switch refusal {
    case .address(let refusal): "\(refusal)"
    case .unknownGroup(let name, let known):
      "there is no group \(name); "
        + (known.isEmpty
          ? "hosts.yaml has none" : "the groups are: \(known.joined(separator: ", "))")
    case .unknownExclusion(let name): "-x \(name): there is no such host; taroc hosts lists them"
    case .noHosts:
      "no host is named: name one with -H [user@]host[:port], or write them into ~/.config/taroc/hosts.yaml"
    case .notNamed: "name the hosts that are meant: -H HOST, -g GROUP, or --all"
    case .allExcluded: "-x leaves no host over"
    }
  }
}

extension HostFailure {
  /// The line of a host that gave no answer: the step, the reason, and what helps.
  func line(of host: FleetHost) -> String {
    let remedy =
      switch step {
      case .missing: "; taroc install \(host.name) puts it there"
      case .hostKey, .name, .connect, .authentication, .version, .timeout, .answer: ""
      }
    return "\(host.name): \(stepName): \(reason)\(remedy)"
  }

  /// The step as people read it.
  var stepName: String { step == .missing ? "taro missing" : step.rawValue }
}
