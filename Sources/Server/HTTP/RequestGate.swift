internal import Events
internal import HTTPTypes
internal import NIOCore
internal import NIOHTTP1

/// Stands behind NIO's decoder: lets whole requests through, one after the other, and refuses what is malformed, too large
/// or too slow by itself, when the answers before it have been given. On one event loop.
final class RequestGate: ChannelDuplexHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart
  typealias OutboundIn = HTTPServerResponsePart
  typealias OutboundOut = HTTPServerResponsePart

  private struct Incoming {
    let head: HTTPRequestHead
    let facts: RequestHead
    var body = ByteBuffer()
  }

  private let limits: HTTPLimits
  private let connection: HTTPConnection
  private let observer: ConnectionObserver

  private var context: ChannelHandlerContext?
  /// Heads that framing has found, and the decoder has not given out yet.
  private var framed: [RequestHead] = []
  private var incoming: Incoming?
  /// Those that were let through and are not answered yet.
  private var inFlight: [RequestHead] = []
  private var violation: HTTPViolation?
  /// True when nothing more is answered.
  private var isOver = false
  private var isDraining = false

  // The times at which each wait began; nil where the gate does not wait for that.
  private var headSince: NIODeadline?
  private var bodySince: NIODeadline?
  private var idleSince: NIODeadline?
  private var stalledSince: NIODeadline?
  private var lingerSince: NIODeadline?
  private var isFirst = true
  private var timer: (deadline: NIODeadline, task: Scheduled<Void>)?

  init(_ limits: HTTPLimits, _ connection: HTTPConnection, _ observer: ConnectionObserver) {
    self.limits = limits
    self.connection = connection
    self.observer = observer
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    idleSince = .now()
    arm()
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    timer?.task.cancel()
    timer = nil
    self.context = nil
  }

  func channelInactive(context: ChannelHandlerContext) {
    timer?.task.cancel()
    timer = nil
    connection.end()
    context.fireChannelInactive()
  }

  // MARK: What comes in

  /// The first byte of a head has come, and not its last.
  func headBegan() {
    guard headSince == nil else { return }
    headSince = isFirst ? idleSince ?? .now() : .now()
    arm()
  }

  /// A head has come; the decoder gives it out next.
  func headArrived(_ head: RequestHead) {
    (headSince, idleSince, isFirst) = (nil, nil, false)
    framed.append(head)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard violation == nil, !isOver else { return }
    switch unwrapInboundIn(data) {
    case .head(let head):
      guard !framed.isEmpty else { return refuse(.malformed("there is a head in a body")) }
      let facts = framed.removeFirst()
      incoming = Incoming(head: head, facts: facts)
      guard facts.body != .none else { return }
      bodySince = .now()
      arm()
      // A client that asks before it sends is told to send, where no answer to another comes first.
      if facts.expectsContinue, inFlight.isEmpty {
        context.writeAndFlush(
          wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .continue))),
          promise: nil)
      }
    case .body(var bytes): incoming?.body.writeBuffer(&bytes)
    case .end:
      guard let request = incoming else { return }
      incoming = nil
      bodySince = nil
      inFlight.append(request.facts)
      context.fireChannelRead(wrapInboundOut(.head(request.head)))
      if request.body.readableBytes > 0 {
        context.fireChannelRead(wrapInboundOut(.body(request.body)))
      }
      context.fireChannelRead(wrapInboundOut(.end(nil)))
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // Framing and decoder read the same bytes in two ways: that is what ambiguous means.
    if error is HTTPParserError { return refuse(.malformed("the request is ambiguous")) }
    observer.failed(connection, error)
    context.close(promise: nil)
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case ChannelEvent.inputClosed = event {
      // A client that has said that it says nothing more follows no stream.
      if isOver || inFlight.isEmpty { return context.close(promise: nil) }
      if connection.isStream { connection.end() }
    }
    if event is ServerDrains { return drain() }
    context.fireUserInboundEventTriggered(event)
  }

  /// The server ends: what has been asked is answered, and nothing more.
  private func drain() {
    isDraining = true
    if inFlight.isEmpty, incoming == nil { context?.close(promise: nil) }
    if connection.isStream { connection.end() }
  }

  // MARK: What goes out

  func write(
    context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?
  ) {
    guard !isOver else {
      promise?.fail(ChannelError.ioOnClosedChannel)
      return
    }
    switch unwrapOutboundIn(data) {
    case .head(let head):
      context.write(wrapOutboundOut(.head(completed(head))), promise: promise)
    case .body: context.write(data, promise: promise)
    case .end(let trailers):
      context.write(wrapOutboundOut(.end(trailers)), promise: promise)
      answered(context)
    }
  }

  private func completed(_ head: HTTPResponseHead) -> HTTPResponseHead {
    var head = head
    head.headers.replaceOrAdd(name: "x-content-type-options", value: "nosniff")
    head.headers.replaceOrAdd(name: "date", value: HTTPDate.now())
    guard let request = inFlight.first else { return head }
    let hasEnd = head.headers.contains(name: "content-length") || head.status.hasNoBody
    // A client of HTTP/1.0 knows no chunks, and behind the head of an answer to HEAD nothing may come: the end of the
    // connection is the end of the answer.
    if !hasEnd, request.isHTTP10 || request.isHEAD { head.version = .http1_0 }
    if !keepsAlive(request) || head.version == .http1_0 {
      inFlight[0].keepsAlive = false
      head.headers.replaceOrAdd(name: "connection", value: "close")
    }
    return head
  }

  private func keepsAlive(_ request: RequestHead) -> Bool {
    request.keepsAlive && !isDraining && violation == nil
  }

  private func answered(_ context: ChannelHandlerContext) {
    guard !inFlight.isEmpty else { return }
    let request = inFlight.removeFirst()
    context.flush()
    if let violation, inFlight.isEmpty { return answer(violation) }
    guard keepsAlive(request) || violation != nil else { return linger() }
    if inFlight.isEmpty, incoming == nil, headSince == nil {
      idleSince = .now()
      arm()
    }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    stalledSince = context.channel.isWritable ? nil : .now()
    arm()
    context.fireChannelWritabilityChanged()
  }

  // MARK: Refusing

  /// Answers what cannot be answered otherwise, after what was asked before it, and closes.
  func refuse(_ violation: HTTPViolation) {
    guard self.violation == nil, !isOver else { return }
    self.violation = violation
    (incoming, headSince, bodySince, idleSince) = (nil, nil, nil, nil)
    if inFlight.isEmpty { answer(violation) }
  }

  private func answer(_ violation: HTTPViolation) {
    guard let context else { return }
    let problem = Problem(violation)
    observer.refused(connection, problem)
    let bytes = ByteBuffer(string: problem.json.text)
    var head = HTTPResponseHead(
      version: .http1_1, status: HTTPResponseStatus(statusCode: problem.status.code))
    head.headers.add(name: "content-type", value: "application/problem+json")
    head.headers.add(name: "content-length", value: "\(bytes.readableBytes)")
    head.headers.add(name: "connection", value: "close")
    for field in problem.headers { head.headers.add(name: field.name.rawName, value: field.value) }
    context.write(wrapOutboundOut(.head(completed(head))), promise: nil)
    context.write(wrapOutboundOut(.body(.byteBuffer(bytes))), promise: nil)
    context.write(wrapOutboundOut(.end(nil)), promise: nil)
    context.flush()
    linger()
  }

  /// Says that this was the last, and reads on for a moment: a connection that is closed with bytes unread is reset, and
  /// the answer may be lost with it (RFC 9112, 9.6).
  private func linger() {
    guard !isOver else { return }
    isOver = true
    (headSince, bodySince, idleSince) = (nil, nil, nil)
    lingerSince = .now()
    context?.close(mode: .output, promise: nil)
    arm()
  }

  // MARK: Time

  private var deadlines: [(NIODeadline, HTTPViolation?)] {
    var deadlines: [(NIODeadline, HTTPViolation?)] = []
    if let headSince { deadlines.append((headSince + limits.headTime, .headTooSlow)) }
    if let bodySince { deadlines.append((bodySince + limits.bodyTime, .bodyTooSlow)) }
    if let idleSince, headSince == nil {
      deadlines.append((idleSince + (isFirst ? limits.headTime : limits.idleTime), nil))
    }
    if let stalledSince {
      let time = connection.isStream ? limits.stalledStreamTime : limits.stalledTime
      deadlines.append((stalledSince + time, nil))
    }
    if let lingerSince { deadlines.append((lingerSince + limits.lingering, nil)) }
    return deadlines
  }

  /// Sets one timer for all of it; one that comes too early looks, and waits for the rest.
  private func arm() {
    guard let context, let next = deadlines.map(\.0).min() else { return }
    if let timer {
      guard next < timer.deadline else { return }
      timer.task.cancel()
    }
    // The handler cancels the timer before it leaves its loop.
    let this = NIOLoopBound(self, eventLoop: context.eventLoop)
    let task = context.eventLoop.scheduleTask(deadline: next) { this.value.timeHasCome() }
    timer = (next, task)
  }

  private func timeHasCome() {
    timer = nil
    let now = NIODeadline.now()
    guard let over = deadlines.filter({ $0.0 <= now }).min(by: { $0.0 < $1.0 }) else {
      return arm()
    }
    guard let violation = over.1 else {
      context?.close(promise: nil)
      return
    }
    refuse(violation)
    arm()
  }
}

/// Tells the connections that the server ends.
struct ServerDrains: Sendable {}

extension HTTPResponseStatus {
  fileprivate var hasNoBody: Bool { code == 204 || code == 304 || code < 200 }
}

extension Problem {
  init(_ violation: HTTPViolation) {
    func problem(
      _ name: String, _ title: String, _ status: HTTPResponse.Status, _ detail: String
    ) -> Problem {
      Problem(name: name, title: title, status: status, detail: detail, refusal: name)
    }
    self =
      switch violation {
      case .malformed(let reason):
        problem("malformed", "Malformed request", .badRequest, "\(reason); this is no HTTP/1.1")
      case .unknownMethod(let name):
        problem(
          "method-not-allowed", "Method not allowed", .methodNotAllowed,
          "nothing here has \(name)"
        ).header(.allow, HTTPGrammar.methods.sorted().joined(separator: ", "))
      case .headTooLarge:
        problem(
          "head-too-large", "Head too large", .requestHeaderFieldsTooLarge,
          "the head of the request is larger than limits.head allows")
      case .tooManyFields:
        problem(
          "head-too-large", "Too many fields", .requestHeaderFieldsTooLarge,
          "the request has more fields than limits.fields allows")
      case .targetTooLong:
        problem(
          "target-too-long", "Target too long", .uriTooLong,
          "the target of the request is longer than limits.target allows")
      case .bodyTooLarge:
        problem(
          "body-too-large", "Body too large", .contentTooLarge,
          "the body of the request is larger than limits.body allows")
      case .unknownExpectation:
        problem(
          "unknown-expectation", "Expectation failed", .expectationFailed,
          "the only Expect is 100-continue")
      case .headTooSlow:
        problem(
          "too-slow", "Too slow", .requestTimeout,
          "the head of the request has not come within limits.head_time")
      case .bodyTooSlow:
        problem(
          "too-slow", "Too slow", .requestTimeout,
          "the body of the request has not come within limits.body_time")
      }
  }
}
