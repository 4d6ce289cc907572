/// The configuration of taros; each value is the default until the file or `--set` says otherwise. Durations are
/// microseconds, paths absolute.
package struct ServerConfiguration: Configurable {
  package static let fileName = "taros.yaml"
  package static let table = ConfigurationTable(ConfigurationKey.ofServer)

  /// Addresses with or without a port, as `--bind` takes them. Empty where nobody has said any.
  package var bind: [String] = []
  /// For those without one.
  package var port = 8000
  package var socket: String?
  /// Further names that `Host` may have.
  package var hosts: [String] = []
  /// Pages of other sites that may ask: `https://ops.example.org`.
  package var origins: [String] = []
  package var certificate: String?
  package var key: String?
  package var limits = ServerLimits()
  package var logLevel = LogLevel.info
  package var logFormat = LogFormat.text
  /// The ledger's directory; nil: where `LedgerLocation` finds it.
  package var ledgerDirectory: String?
  package var ledgerFileSystem = LedgerFileSystem.ask

  package init() {}

  package var usesTLS: Bool { certificate != nil && key != nil }
}

/// Limits on what a client may ask for.
package struct ServerLimits: Equatable, Sendable {
  /// The request line and all fields, bytes.
  package var head: Int64 = 16 << 10
  package var fields = 100
  /// The request's target, bytes.
  package var target: Int64 = 8 << 10
  package var body: Int64 = 64 << 10
  /// The time that a head may take to arrive, from its first byte or, on a new connection, from its start.
  package var headTime: Int64 = 10_000_000
  package var bodyTime: Int64 = 20_000_000
  /// The time for which a connection is kept without a request.
  package var idleTime: Int64 = 75_000_000
  package var connections = 4096
  package var streams = 1024
  /// The requests of one token, in a second; and at once.
  package var requests = 100
  package var burst = 200
}

/// The format of a line of the server's log.
package enum LogFormat: String, CaseIterable, Sendable { case text, json }

extension ServerConfiguration {
  /// All keys, in the order in which they are shown.
  package static var keys: [Configuration.KeyDescription] {
    table.all.map { key in
      Configuration.KeyDescription(
        path: key.path, meaning: meanings[key.path] ?? "", accepted: key.accepted,
        byDefault: key.text(ServerConfiguration()))
    }
  }

  private static let meanings = [
    "server.bind":
      "Where to listen: addresses with or without a port, localhost, or all; --bind takes their place",
    "server.port": "The port of addresses without one; 0 lets the kernel choose",
    "server.socket": "A private unix socket to listen on as well",
    "server.hosts": "Names by which clients may call the server, besides its addresses",
    "server.origins": "Sites whose pages may ask from a browser",
    "tls.certificate": "A PEM file with the certificate and those that lead to its authority",
    "tls.key": "A PEM file with the certificate's private key",
    "limits.head": "The largest head of a request",
    "limits.fields": "The most fields of a request",
    "limits.target": "The longest target of a request",
    "limits.body": "The largest body of a request",
    "limits.head_time": "How long the head of a request may take to arrive",
    "limits.body_time": "How long the body of a request may take to arrive",
    "limits.idle_time": "How long a connection is kept without a request",
    "limits.connections": "The most connections at a time",
    "limits.streams": "The most streams at a time",
    "limits.requests": "Requests of one token in a second",
    "limits.burst": "Requests of one token at once",
    "log.level": "The least severity that is logged",
    "log.format": "How a line of the log is written",
    "ledger.directory": "Where the record is, unless --ledger or TARO_LEDGER says so",
    "ledger.file_system":
      "Whether the ledger's file system is asked for; with local it is used where other hosts could share it, because none does",
  ]
}
