internal import Events
internal import Glibc
internal import Linux
internal import Settings

/// Opens what the server listens on: addresses, a unix socket, and what the service manager has opened.
struct ListeningSources {
  private static let standardAddress = "127.0.0.1"

  private let configuration: ServerConfiguration

  init(_ configuration: ServerConfiguration) { self.configuration = configuration }

  /// - Throws: also where others could come in and nothing is asked of them.
  func open(protectedBy tokens: TokenFile) throws(StartRefusal) -> [Listener.Source] {
    let inherited = try inheritedSources()
    let endpoints = try endpoints(hasInherited: !inherited.isEmpty)
    let open =
      endpoints.filter { !$0.address.isLoopback }.map(\.description)
      + inherited.filter { !$0.isTrusted }.map(\.text)
    if let address = open.first { try refuseUnprotected(address, tokens) }
    var sources = inherited
    for (index, endpoint) in endpoints.enumerated() {
      if let source = try listen(endpoint, isOnly: endpoints.count == 1 || index == 0) {
        sources.append(source)
      }
    }
    if let path = configuration.socket { sources.append(try listen(path)) }
    return sources
  }

  private func endpoints(hasInherited: Bool) throws(StartRefusal) -> [InternetEndpoint] {
    var words = configuration.bind
    // The service manager that opens sockets for the server has said where.
    if words.isEmpty {
      guard !hasInherited else { return [] }
      words = [Self.standardAddress]
    }
    var endpoints: [InternetEndpoint] = []
    for word in words {
      do throws(ListenAddress.Refused) {
        let parsed = try ListenAddress(word)
        let port = parsed.port ?? UInt16(clamping: configuration.port)
        endpoints += parsed.addresses.map { InternetEndpoint($0, port: port) }
      } catch { throw .badAddress(text: error.text, reason: error.reason) }
    }
    return endpoints
  }

  private func refuseUnprotected(
    _ address: String, _ tokens: TokenFile
  ) throws(StartRefusal) {
    let (list, failure) = tokens.current()
    if let failure { throw .badTokens(reason: failure.description) }
    let now = WallTime.now
    let hasToken = list.tokens.contains { !$0.isExpired(at: now) }
    guard configuration.usesTLS, hasToken else {
      throw .unprotected(
        address: address, lacksTLS: !configuration.usesTLS, lacksToken: !hasToken)
    }
  }

  private func inheritedSources() throws(StartRefusal) -> [Listener.Source] {
    var sources: [Listener.Source] = []
    for fd in ServiceManager.listeningDescriptors() {
      let name = ListeningSockets.name(of: fd)
      switch name {
      case .internet(let endpoint):
        sources.append(
          Listener.Source(
            fd: fd, name: name, text: "\(endpoint)", usesTLS: configuration.usesTLS))
      case .unix:
        sources.append(
          Listener.Source(fd: fd, name: name, text: "descriptor \(fd)", usesTLS: false))
      case .other: throw .badDescriptor(fd)
      }
      RawIO.setNonBlocking(fd)
    }
    return sources
  }

  /// - Parameter isOnly: false for the second of two that one word means: a host may have no IPv6.
  private func listen(
    _ endpoint: InternetEndpoint, isOnly: Bool
  ) throws(StartRefusal) -> Listener.Source? {
    do throws(SystemCallError) {
      let fd = try ListeningSockets.tcp(endpoint).release()
      let name = ListeningSockets.name(of: fd)
      let text = if case .internet(let bound) = name { "\(bound)" } else { "\(endpoint)" }
      return Listener.Source(fd: fd, name: name, text: text, usesTLS: configuration.usesTLS)
    } catch {
      let hasNoIPv6 = [EAFNOSUPPORT, EADDRNOTAVAIL].contains(error.errno.code)
      if endpoint.address.family == .v6, hasNoIPv6, !isOnly { return nil }
      throw .cannotListen(address: "\(endpoint)", error.errno)
    }
  }

  private func listen(_ path: String) throws(StartRefusal) -> Listener.Source {
    do throws(ListeningSockets.Occupant) {
      let fd = try ListeningSockets.unix(path).release()
      return Listener.Source(fd: fd, name: .unix, text: path, usesTLS: false)
    } catch {
      switch error {
      case .live: throw .socketIsLive(path)
      case .foreign: throw .socketIsForeign(path)
      case .failed(let error): throw .cannotListen(address: path, error.errno)
      }
    }
  }
}
