internal import Events
internal import Linux
internal import Projections

/// The one who asks, and what he may do.
struct Grant: Sendable {
  enum Who: Sendable, Equatable {
    /// The server has not asked who it is.
    case anybody
    /// A user of this host, by the kernel's word.
    case user(UInt32)
    case token(name: String, Digest)
  }

  var who: Who
  var scope: Token.Scope
  /// The jobs beside which nothing exists for him; empty for all.
  var jobs: [Pattern]
  /// The address that the request came from.
  var address: String
  /// The browser's stay that it was asked in.
  var session: Digest?

  static func anybody(_ address: String) -> Grant {
    Grant(who: .anybody, scope: .read, jobs: [], address: address)
  }

  var seesAllJobs: Bool { jobs.isEmpty }

  func allows(job: String) -> Bool { jobs.isEmpty || jobs.contains { $0.matches(job: job) } }

  func allows(_ job: String, _ instance: InstanceID) -> Bool {
    jobs.isEmpty || jobs.contains { $0.shows(job, instance) }
  }

  /// Tells whether he may keep these jobs from running: one of his patterns, or the id of a job of his. Nobody can say
  /// of every pattern whether it matches nothing but what another does.
  func allows(pattern text: String) -> Bool {
    jobs.isEmpty || jobs.contains { $0.text == text } || !Pattern(text).isGlob && allows(job: text)
  }

  var isLimited: Bool { if case .token = who { true } else { false } }

  /// The name that the log has.
  var name: String {
    switch who {
    case .anybody: "-"
    case .user(let uid): "user \(Users.name(of: uid))"
    case .token(let name, _): "token \(name)"
    }
  }
}
