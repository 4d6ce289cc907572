internal import ArgumentParser
internal import CommandLineKit
internal import Glibc
internal import Ledger
internal import Linux
internal import Remedies
internal import Server
internal import Settings

/// The one place where errors become lines and exit codes.
enum ErrorReport {
  static func exit(with error: any Error) -> Never {
    switch error {
    case let code as ExitCode: Glibc.exit(code.rawValue)
    case let failure as Failure: end(failure.message, failure.code)
    case let refusal as StartRefusal: end(refusal)
    case let failure as TokenFile.Failure:
      let remedy = failure.trouble.map { "; \(ServerRemedies.ofTaros.remedy($0))" } ?? ""
      end(failure.description + remedy, code(of: failure))
    case let error as LedgerError: end(LedgerRemedies.ofTaros.text(error), EX_CONFIG)
    case let error as ConfigurationError:
      for problem in error.problems { StandardError.say("\(problem)") }
      Glibc.exit(EX_CONFIG)
    case let error as SettingError: end(error.description, Failure.usageCode)
    case let error as SystemCallError: end(error.description, EX_OSERR)
    default:
      Glibc.exit(ParserReport.write(error, of: Taros.self, words: ProgramArguments.texts).rawValue)
    }
  }

  private static func end(_ message: String, _ code: Int32) -> Never {
    StandardError.say(message)
    Glibc.exit(code)
  }

  private static func code(of failure: TokenFile.Failure) -> Int32 {
    switch failure {
    case .taken, .unknown: 1
    case .held: EX_TEMPFAIL
    case .unusable, .noLedger: EX_CONFIG
    }
  }

  private static func end(_ refusal: StartRefusal) -> Never {
    switch refusal {
    case .badAddress(let text, let reason):
      end("--bind \(text): \(reason)", Failure.usageCode)
    case .unprotected(let address, let lacksTLS, let lacksToken):
      var remedies: [String] = []
      if lacksTLS { remedies.append("name tls.certificate and tls.key in taros.yaml") }
      if lacksToken { remedies.append("make a token: taros token add NAME --scope read") }
      end(
        "\(address) can be reached from other hosts, and nothing protects it; "
          + remedies.joined(separator: ", and ") + "; or listen on localhost alone",
        EX_CONFIG)
    case .incompleteTLS:
      end("tls.certificate and tls.key belong together: name both, or neither", EX_CONFIG)
    case .badCertificate(let path, let reason):
      end("\(path): \(reason); tls.certificate and tls.key name PEM files", EX_CONFIG)
    case .badTokens(let reason): end(reason, EX_CONFIG)
    case .cannotListen(let address, let errno):
      let remedy =
        switch errno.code {
        case EADDRINUSE:
          "; somebody listens there already: ss -ltnp says who, or take another --port"
        case EACCES: "; ports below 1024 need rights: take another --port, or systemd's sockets"
        case EADDRNOTAVAIL: "; this host has no such address: ip address lists those it has"
        default: ""
        }
      end("cannot listen on \(address): \(errno.message)\(remedy)", EX_OSERR)
    case .socketIsLive(let path):
      end("a server listens on \(path) already; end it, or name another --socket", EX_TEMPFAIL)
    case .socketIsForeign(let path):
      end("\(path) is there, and no socket of this user; name another --socket", EX_CONFIG)
    case .badDescriptor(let fd):
      end(
        "descriptor \(fd) of LISTEN_FDS is no socket of TCP or unix; see systemd.socket(5)",
        EX_CONFIG)
    case .ledger(let error): end(LedgerRemedies.ofTaros.text(error), EX_CONFIG)
    case .noThreads(let reason): end("there are no threads to have: \(reason)", EX_OSERR)
    }
  }
}
