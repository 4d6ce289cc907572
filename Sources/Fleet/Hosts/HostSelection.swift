internal import Events
internal import Linux

/// The hosts that somebody asks for.
package struct HostSelection: Equatable, Sendable {
  /// `-H`, as typed.
  package var hosts: [String] = []
  package var groups: [String] = []
  package var isAll = false
  package var excluded: [String] = []

  package init() {}

  /// Something that was named and is not there, or nothing where something has to be.
  package enum Refusal: Error, Equatable, Sendable {
    case address(SSHAddress.Refusal)
    case unknownGroup(String, known: [String])
    case unknownExclusion(String)
    /// Nothing was named, and nothing is configured.
    case noHosts
    /// Nothing was named, where each host is to be meant.
    case notNamed
    case allExcluded
  }

  package var namesHosts: Bool { !hosts.isEmpty || !groups.isEmpty || isAll }

  /// The hosts in the order of what was asked, each once. Where nothing is named, all that are configured.
  /// - Parameter mustBeNamed: nobody is meant who was not named.
  package func resolve(
    _ book: HostBook, mustBeNamed: Bool = false
  ) throws(Refusal) -> [FleetHost] {
    if !namesHosts {
      guard !book.hosts.isEmpty else { throw .noHosts }
      guard !mustBeNamed else { throw .notNamed }
    }
    var found: [FleetHost] = []
    func add(_ host: FleetHost) {
      guard !found.contains(where: { $0.name == host.name }) else { return }
      found.append(book.defaults.applied(to: host))
    }
    for name in hosts { add(try Self.host(name, in: book)) }
    for group in groups {
      guard book.groups.contains(group) else {
        throw .unknownGroup(group, known: book.groups)
      }
      for host in book.hosts where host.groups.contains(group) { add(host) }
    }
    if isAll || !namesHosts { book.hosts.forEach(add) }
    for exclusion in excluded {
      let pattern = Pattern(exclusion)
      guard
        found.contains(where: { pattern.matches(job: $0.name) })
          || book.hosts.contains(where: { pattern.matches(job: $0.name) })
      else { throw .unknownExclusion(exclusion) }
      found.removeAll { pattern.matches(job: $0.name) }
    }
    guard !found.isEmpty else { throw excluded.isEmpty ? .noHosts : .allExcluded }
    return found
  }

  private static func host(_ name: String, in book: HostBook) throws(Refusal) -> FleetHost {
    if let host = book.host(named: name) { return host }
    do throws(SSHAddress.Refusal) {
      return FleetHost(name, .ssh(try SSHAddress(name)))
    } catch { throw .address(error) }
  }
}
