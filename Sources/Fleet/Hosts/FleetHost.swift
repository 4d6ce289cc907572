package import Events

/// A host, and how it is asked.
package struct FleetHost: Equatable, Sendable {
  package enum Way: Equatable, Sendable {
    case ssh(SSHAddress)
    case rest(RESTAddress)
  }

  /// The host as it is asked for: in tables and documents.
  package let name: String
  package var way: Way
  /// The program on the far side: a path, or a name that is looked for; nil where nothing says so.
  package var program: String?
  /// The directory of its ledger; nil for the one that it uses by itself.
  package var ledger: String?
  package var labels: [JSON.Member] = []
  /// The groups that it is in, in the order of the files.
  package var groups: [String] = []

  package init(_ name: String, _ way: Way) {
    self.name = name
    self.way = way
  }

  /// The place where it is, for people.
  package var place: String {
    switch way {
    case .ssh(let address): address.description
    case .rest(let address): address.url
    }
  }
}

/// The hosts that are configured, and their groups.
package struct HostBook: Equatable, Sendable {
  /// In the order of the files, each name once.
  package internal(set) var hosts: [FleetHost] = []
  /// Group names in the order of the files.
  package internal(set) var groups: [String] = []
  package internal(set) var defaults = HostDefaults()

  package init() {}

  package func host(named name: String) -> FleetHost? { hosts.first { $0.name == name } }

  mutating func addGroup(_ name: String) {
    if !groups.contains(name) { groups.append(name) }
  }

  /// Adds a host unless it is there, and puts it into a group.
  mutating func put(_ host: FleetHost, into group: String?) {
    let index =
      hosts.firstIndex { $0.name == host.name }
      ?? {
        hosts.append(host)
        return hosts.count - 1
      }()
    guard let group, !hosts[index].groups.contains(group) else { return }
    hosts[index].groups.append(group)
  }
}

/// Settings of every host that does not say otherwise.
package struct HostDefaults: Equatable, Sendable {
  package var user: String?
  package var port: UInt16?
  package var program: String?
  package var ledger: String?
  package var parallel: Int?

  package init() {}

  /// The host with what it does not say itself.
  package func applied(to host: FleetHost) -> FleetHost {
    var host = host
    if case .ssh(var address) = host.way {
      address.user = address.user ?? user
      address.port = address.port ?? port
      host.way = .ssh(address)
      host.program = host.program ?? program
      host.ledger = host.ledger ?? ledger
    }
    return host
  }
}
