internal import Events
internal import HTTPTypes
internal import NIOCore
internal import Operations

extension Route {
  /// Answers with lines that instances have printed: the documents of `taro grep`.
  static func search(_ services: Services) -> Route {
    Route("/grep").get { request in
      let search = RunningSearch(try SearchParameters(request))
      if request.method == .head { return .stream(type: "application/x-ndjson") { _ in } }
      let place = try services.streams.begin(request)
      return .stream(type: "application/x-ndjson") { writer in
        defer { place.leave() }
        while true {
          let portion = try await services.executor.search { try search.next(in: $0) }
          if portion.text.readableBytes > 0 { try await writer.write(portion.text) }
          if portion.isLast { return }
        }
      }.unbuffered
    }
  }
}
