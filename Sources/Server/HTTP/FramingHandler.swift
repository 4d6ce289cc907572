internal import NIOCore

/// Stands before NIO's decoder, which sees nothing but what ``RequestFraming`` has found right.
final class FramingHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  private var framing: RequestFraming
  /// The gate on the same event loop.
  private let gate: RequestGate

  init(_ limits: HTTPLimits, _ gate: RequestGate) {
    framing = RequestFraming(limits)
    self.gate = gate
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    framing.receive(unwrapInboundIn(data))
    do throws(HTTPViolation) {
      while let piece = try framing.next() {
        switch piece {
        case .head(let bytes, let head):
          gate.headArrived(head)
          context.fireChannelRead(wrapInboundOut(bytes))
        case .body(let bytes): context.fireChannelRead(wrapInboundOut(bytes))
        case .end: break
        }
      }
      if framing.isInsideHead { gate.headBegan() }
    } catch { gate.refuse(error) }
  }
}
