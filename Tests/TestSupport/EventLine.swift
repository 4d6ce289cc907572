package import Events
internal import Glibc

/// An event as a line of JSON, as `taro listen -f jsonl` prints it and schema/events.jsonl shows it.
package enum EventLine {
  package static func text(_ event: Event) -> String {
    JSON.object([
      .init("seq", .integer(event.seq.number)), .init("at", .string(timestamp(event.at))),
      .init("mono", .integer(event.mono.microseconds)), .init("job", text(event.job)),
      .init("instance", text(event.instance?.text)),
      .init("n", event.n.map { .integer($0) } ?? .null), .init("kind", .string(event.kind.name)),
      .init("data", event.json), .init("payload", text(event.payload?.description)),
      .init("digest", .string(event.digest.description)),
    ]).text
  }

  private static func text(_ text: String?) -> JSON { text.map { .string($0) } ?? .null }

  /// RFC 3339 in UTC with microseconds. By libc and not by taro's own, so that the two are compared.
  package static func timestamp(_ time: WallTime) -> String {
    let microseconds = time.microseconds
    var seconds = time_t(microseconds / 1_000_000)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    var buffer = [CChar](repeating: 0, count: 32)
    let count = strftime(&buffer, buffer.count, "%Y-%m-%dT%H:%M:%S", &parts)
    let fraction = String(microseconds % 1_000_000 + 1_000_000).dropFirst()
    return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
      + ".\(fraction)Z"
  }
}
