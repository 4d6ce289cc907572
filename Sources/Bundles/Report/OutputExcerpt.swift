package import Events

/// The beginning and the end of an output, for who only looks at it.
package struct OutputExcerpt {
  struct Stretch: Equatable {
    let stream: OutputStream
    var bytes: [UInt8]
  }

  private let limit: Int
  private(set) var beginning: [Stretch] = []
  private var beginningBytes = 0
  private(set) var end: [Stretch] = []
  private var endBytes = 0
  /// Bytes between them.
  private(set) var left: Int64 = 0

  /// - Parameter limit: bytes of each of both.
  package init(limit: Int = 256 << 10) { self.limit = limit }

  package mutating func append(_ bytes: ArraySlice<UInt8>, _ stream: OutputStream) {
    let room = min(limit - beginningBytes, bytes.count)
    if room > 0 {
      Self.add(bytes.prefix(room), stream, to: &beginning)
      beginningBytes += room
    }
    let rest = bytes.dropFirst(room)
    guard !rest.isEmpty else { return }
    Self.add(rest.suffix(limit), stream, to: &end)
    left += Int64(max(0, rest.count - limit))
    endBytes += min(rest.count, limit)
    // Not at once: each time costs a copy.
    if endBytes > 4 * limit { trim() }
  }

  package mutating func finish() { trim() }

  private mutating func trim() {
    while endBytes > limit, let first = end.first {
      let surplus = min(endBytes - limit, first.bytes.count)
      if surplus == first.bytes.count {
        end.removeFirst()
      } else {
        end[0].bytes.removeFirst(surplus)
      }
      endBytes -= surplus
      left += Int64(surplus)
    }
  }

  private static func add(
    _ bytes: ArraySlice<UInt8>, _ stream: OutputStream, to stretches: inout [Stretch]
  ) {
    if let last = stretches.indices.last, stretches[last].stream == stream,
      stretches[last].bytes.count < 64 << 10
    {
      stretches[last].bytes += bytes
    } else {
      stretches.append(Stretch(stream: stream, bytes: Array(bytes)))
    }
  }
}
