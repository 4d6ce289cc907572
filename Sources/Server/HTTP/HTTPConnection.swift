internal import Linux
internal import NIOCore
internal import Synchronization

/// A connection, as those see it who answer its requests.
final class HTTPConnection: Sendable {
  /// The way in which the kernel is asked who is at the other end.
  enum Peer: Sendable {
    /// The kernel has said so already (SO_PEERCRED).
    case user(UInt32)
    /// The peer is on loopback: the kernel knows the owner of the other end.
    case loopback(own: InternetEndpoint, other: InternetEndpoint)
    case unknown
  }

  private struct State {
    var peerUser: UInt32??
    var task: Task<Void, Never>?
    var isClosed = false
  }

  /// The address for the log: `127.0.0.1:41234`, or `unix`.
  let remote: String
  /// The address at which it came in; nil for a unix socket.
  let bound: InternetAddress?
  let isTLS: Bool
  /// True where the kernel's word on who is there counts: bound to loopback, or a unix socket.
  let isTrusted: Bool
  private let peer: Peer
  private let lookups: PeerLookup
  private let state = Mutex(State())
  private let streams = Atomic(false)

  init(
    remote: String, bound: InternetAddress?, isTLS: Bool, isTrusted: Bool, peer: Peer,
    lookups: PeerLookup
  ) {
    self.remote = remote
    self.bound = bound
    self.isTLS = isTLS
    self.isTrusted = isTrusted
    self.peer = peer
    self.lookups = lookups
  }

  /// Returns the user whose process is at the other end; the kernel is asked once. Nil where nobody knows.
  func peerUser() async -> UInt32? {
    if let known = state.withLock({ $0.peerUser }) { return known }
    let uid: UInt32? =
      switch peer {
      case .user(let uid): uid
      case .loopback(let own, let other): await lookups.uid(of: other, connectedTo: own)
      case .unknown: nil
      }
    state.withLock { $0.peerUser = .some(uid) }
    return uid
  }

  /// An answer that goes on until somebody ends it: who does not read it is cut off soon.
  var isStream: Bool {
    get { streams.load(ordering: .relaxed) }
    set { streams.store(newValue, ordering: .relaxed) }
  }

  /// The task that answers its requests.
  func begin(_ task: Task<Void, Never>) {
    let isLate = state.withLock { state in
      state.task = task
      return state.isClosed
    }
    if isLate { task.cancel() }
  }

  /// Ends what is being done for the connection: nobody is at the other end any more, or is to be answered.
  func end() {
    let task = state.withLock { state in
      state.isClosed = true
      return state.task
    }
    task?.cancel()
  }
}

/// Asks the kernel on a thread of its own: it may take a while where there are many sockets.
final class PeerLookup: Sendable {
  private let queue: WorkQueue<Void>

  init() throws { queue = try WorkQueue(threads: 1, limit: 8192) {} }

  func uid(of own: InternetEndpoint, connectedTo other: InternetEndpoint) async -> UInt32? {
    let answer = try? await queue.run { _ in SocketOwner.uid(of: own, connectedTo: other) }
    return answer ?? nil
  }

  func close() { queue.close() }
}
