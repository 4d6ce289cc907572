internal import Glibc
internal import Linux

/// The person or program that asked for something, from where and by which way.
package struct Requester: Equatable, Sendable {
  /// The way by which a request arrived.
  package enum Way: String, CaseIterable, Sendable {
    case cli, rest, ssh, signal
    /// Nobody asked now: the runner was told when it began (a timeout).
    case runner
  }

  package var user = ""
  package var uid: Int64 = 0
  /// The process that asked; 0 when the kernel did, as for a key on the terminal.
  package var pid: Int64 = 0
  package var host = ""
  package var via = Way.cli
  package var reason: String?
  /// The name of the token that was shown, for `rest`, and where the caller called from, for that and `ssh`.
  package var token: String?
  package var address: String?
  /// The key with which the caller may ask again, for `rest`.
  package var idempotency: RequestKey?

  package init() {}

  /// The user who runs this program.
  package static func thisProcess(reason: String? = nil) -> Requester {
    var requester = Requester()
    requester.uid = Int64(getuid())
    requester.user = Users.name(of: getuid())
    requester.pid = Int64(getpid())
    requester.host = Host.name()
    requester.reason = reason
    if Environment.value(EnvironmentVariable.via.name) == Way.ssh.rawValue {
      requester.via = .ssh
      // Address and port of the client, then the server's (sshd sets it; ssh(1), ENVIRONMENT).
      let client = Environment.value("SSH_CONNECTION")?.split(separator: " ").first
      requester.address = client.flatMap { InternetAddress(String($0)) }?.description
    }
    return requester
  }

  package init(_ json: JSON) {
    user = json["user"]?.string ?? ""
    uid = json["uid"]?.integer ?? 0
    pid = json["pid"]?.integer ?? 0
    host = json["host"]?.string ?? ""
    via = json["via"]?.string.flatMap(Way.init) ?? .cli
    reason = json["reason"]?.string
    token = json["token"]?.string
    address = json["address"]?.string
    idempotency = json["idempotency"].flatMap { RequestKey($0) }
  }

  /// The data of an event that tells of nothing else.
  package var json: JSON { .object(omittingNil: members) }

  /// Part of the data of every event that tells of a wish.
  package var members: [(String, JSON?)] {
    [
      ("user", .string(user)), ("uid", .integer(uid)), ("pid", .integer(pid)),
      ("host", .string(host)), ("via", .string(via.rawValue)),
      ("reason", reason.map { .string($0) }),
      ("token", token.map { .string($0) }), ("address", address.map { .string($0) }),
      ("idempotency", idempotency?.json),
    ]
  }
}

/// Somebody's wish about a running instance: the data of `stop_requested`, `interrupt_requested`, `pause_requested`,
/// `resume_requested` and `signal_requested`.
package struct ControlRequest: Equatable, Sendable {
  package var by = Requester()
  /// The signal that the job is to get, without SIG.
  package var signal = "TERM"

  package init(by requester: Requester = Requester(), signal: String = "TERM") {
    by = requester
    self.signal = signal
  }

  package init(_ json: JSON) {
    by = Requester(json)
    signal = json["signal"]?.string ?? "TERM"
  }

  package var json: JSON { .object(omittingNil: members) }

  package var members: [(String, JSON?)] { by.members + [("signal", .string(signal))] }
}
