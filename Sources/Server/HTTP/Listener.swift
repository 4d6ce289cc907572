internal import Events
internal import Linux
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import ServiceLifecycle
internal import Settings
internal import Synchronization

/// Takes connections from listening sockets, and sees to their end when the server ends.
final class Listener: Service {
  /// A socket that listens, and what is true of its connections.
  struct Source: Sendable {
    let fd: Int32
    let name: ListeningSockets.Name
    /// The address for people: `127.0.0.1:8000`, `/run/taros.sock`.
    let text: String
    let usesTLS: Bool

    /// True where the kernel is asked who is there: nobody from elsewhere comes in here.
    var isTrusted: Bool {
      switch name {
      case .internet(let endpoint): endpoint.address.isLoopback
      case .unix: true
      case .other: false
      }
    }
  }

  private let sources: [Source]
  private let responder: Responder
  private let limits: HTTPLimits
  private let connectionLimit: Int
  private let observer: ConnectionObserver
  private let certificate: Certificate?
  private let lookups: PeerLookup
  private let group: MultiThreadedEventLoopGroup
  private let logger: Logger
  private let whenListening: @Sendable () -> Void
  private let channels = Mutex<[ObjectIdentifier: any Channel]>([:])

  init(
    _ sources: [Source], _ responder: Responder, _ services: Services, certificate: Certificate?,
    lookups: PeerLookup, group: MultiThreadedEventLoopGroup,
    whenListening: @escaping @Sendable () -> Void
  ) {
    self.sources = sources
    self.responder = responder
    limits = HTTPLimits(services.configuration.limits)
    connectionLimit = services.configuration.limits.connections
    observer = services.observer
    logger = services.observer.logger
    self.certificate = certificate
    self.lookups = lookups
    self.group = group
    self.whenListening = whenListening
  }

  func run() async throws {
    var listening: [any Channel] = []
    for source in sources {
      let bootstrap = ServerBootstrap(group: group)
        .childChannelOption(.allowRemoteHalfClosure, value: true)
        .childChannelInitializer { [self] channel in begin(channel, source) }
      listening.append(try await bootstrap.withBoundSocket(source.fd).get())
      logger.notice("listening", metadata: ["address": .string(source.text)])
    }
    whenListening()
    try? await gracefulShutdown()
    for channel in listening { try? await channel.close() }
    await drain()
  }

  /// Lets requests that have been made be answered, and breaks off what has not ended soon.
  private func drain() async {
    for channel in open { channel.pipeline.fireUserInboundEventTriggered(ServerDrains()) }
    let deadline = MonotonicTime.now + 4_000_000
    while !open.isEmpty, MonotonicTime.now < deadline {
      // No channel tells of the end of all of them: they are looked at now and then.
      guard (try? await Task.sleep(for: .milliseconds(20))) != nil else { break }
    }
    for channel in open { channel.close(promise: nil) }
  }

  private var open: [any Channel] { channels.withLock { Array($0.values) } }

  private func begin(_ channel: any Channel, _ source: Source) -> EventLoopFuture<Void> {
    let count = channels.withLock { channels in
      channels[ObjectIdentifier(channel)] = channel
      return channels.count
    }
    channel.closeFuture.whenComplete { [self] _ in
      channels.withLock { $0[ObjectIdentifier(channel)] = nil }
    }
    return channel.eventLoop.makeCompletedFuture {
      if source.usesTLS, let certificate {
        try channel.pipeline.syncOperations.addHandler(
          NIOSSLServerHandler(context: certificate.context))
      }
      let connection = Self.connection(channel, source, lookups)
      guard count <= connectionLimit else {
        let problem = Problem.busy("there are \(connectionLimit) connections already; come again")
        observer.refused(connection, problem)
        try channel.pipeline.syncOperations.addHandler(OverloadHandler(problem))
        return
      }
      let child = ConnectionChannel(
        responder: { [responder] request, writer, _ in
          try await responder.respond(request, writer, connection)
        }, limits: limits, connection: connection, observer: observer)
      let value = try child.setup(channel)
      connection.begin(Task { [logger] in await child.handle(value: value, logger: logger) })
    }
  }

  private static func connection(
    _ channel: any Channel, _ source: Source, _ lookups: PeerLookup
  ) -> HTTPConnection {
    guard case .internet = source.name else {
      let uid = PeerCredentials.uid(of: channel)
      return HTTPConnection(
        remote: "unix" + (uid.map { ":\($0)" } ?? ""), bound: nil, isTLS: false, isTrusted: true,
        peer: uid.map { .user($0) } ?? .unknown, lookups: lookups)
    }
    let own = channel.localAddress?.endpoint
    let other = channel.remoteAddress?.endpoint
    var peer = HTTPConnection.Peer.unknown
    if source.isTrusted, let own, let other { peer = .loopback(own: own, other: other) }
    return HTTPConnection(
      remote: other?.description ?? "-", bound: own?.address, isTLS: source.usesTLS,
      isTrusted: source.isTrusted, peer: peer, lookups: lookups)
  }
}

extension SocketAddress {
  fileprivate var endpoint: InternetEndpoint? {
    guard let text = ipAddress, let address = InternetAddress(String(text.prefix { $0 != "%" })),
      let port = port.flatMap({ UInt16(exactly: $0) })
    else { return nil }
    return InternetEndpoint(address, port: port)
  }
}

/// Asks who is at the other end of a unix socket (unix(7), SO_PEERCRED).
private enum PeerCredentials {
  /// The C struct `ucred`.
  private struct Credentials: Sendable {
    var pid: Int32
    var uid: UInt32
    var gid: UInt32
  }

  private static let peerCredentials: CInt = 17

  /// Asks on the channel's event loop, where the answer is there at once.
  static func uid(of channel: any Channel) -> UInt32? {
    guard let provider = channel as? any SocketOptionProvider else { return nil }
    let future: EventLoopFuture<Credentials> = provider.unsafeGetSocketOption(
      level: .socket, name: NIOBSDSocket.Option(rawValue: peerCredentials))
    let found = Mutex<UInt32?>(nil)
    future.whenSuccess { credentials in found.withLock { $0 = credentials.uid } }
    return found.withLock { $0 }
  }
}

/// Tells who comes when there are too many already, and closes.
private final class OverloadHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let answer: ByteBuffer

  init(_ problem: Problem) {
    let body = problem.json.text
    answer = ByteBuffer(
      string: "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/problem+json\r\n"
        + "content-length: \(body.utf8.count)\r\nretry-after: 1\r\nconnection: close\r\n"
        + "x-content-type-options: nosniff\r\ndate: \(HTTPDate.now())\r\n\r\n\(body)")
  }

  func channelActive(context: ChannelHandlerContext) {
    context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
    context.close(mode: .output, promise: nil)
    let channel = context.channel
    context.eventLoop.scheduleTask(in: .seconds(1)) { channel.close(promise: nil) }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {}

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case ChannelEvent.inputClosed = event { context.close(promise: nil) }
  }
}
