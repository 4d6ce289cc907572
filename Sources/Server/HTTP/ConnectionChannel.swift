internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTPTypes
internal import NIOHTTPTypesHTTP1

/// The handlers of a connection, and Hummingbird's loop over its requests.
struct ConnectionChannel: HTTPChannelHandler {
  typealias Value = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

  let responder: HTTPChannelHandler.Responder
  let limits: HTTPLimits
  let connection: HTTPConnection
  let observer: ConnectionObserver

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
    channel.eventLoop.makeCompletedFuture { try setup(channel) }
  }

  /// Adds the handlers, on the channel's event loop.
  func setup(_ channel: any Channel) throws -> Value {
    let gate = RequestGate(limits, connection, observer)
    let pipeline = channel.pipeline.syncOperations
    try pipeline.addHandler(FramingHandler(limits, gate))
    try pipeline.addHandler(HTTPResponseEncoder())
    try pipeline.addHandler(
      ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)))
    try pipeline.addHandler(gate)
    try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: connection.isTLS))
    return try NIOAsyncChannel(
      wrappingChannelSynchronously: channel,
      configuration: .init(isOutboundHalfClosureEnabled: true))
  }

  func handle(value: Value, logger: Logger) async {
    await handleHTTP(asyncChannel: value, logger: logger)
  }
}
