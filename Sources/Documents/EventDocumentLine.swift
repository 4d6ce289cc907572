package import Events

/// The document of an event as a line of bytes, made without a tree of it: for whoever writes a million of them.
package enum EventDocumentLine {
  /// Appends what `EventDocument(event).json` is as text, and a line feed.
  package static func append(_ event: Event, to bytes: inout [UInt8]) {
    key(#"{"seq":"#, to: &bytes)
    number(event.seq.number, to: &bytes)
    key(#","at":""#, to: &bytes)
    bytes.append(contentsOf: Timestamp.rfc3339(event.at).utf8)
    key(#"","mono":"#, to: &bytes)
    number(event.mono.microseconds, to: &bytes)
    key(#","job":"#, to: &bytes)
    text(event.job, to: &bytes)
    key(#","instance":"#, to: &bytes)
    text(event.instance?.text, to: &bytes)
    key(#","n":"#, to: &bytes)
    if let n = event.n { number(n, to: &bytes) } else { key("null", to: &bytes) }
    key(#","kind":"#, to: &bytes)
    text(event.kind.name, to: &bytes)
    key(#","data":"#, to: &bytes)
    data(event, to: &bytes)
    key(#","payload":"#, to: &bytes)
    digest(event.payload, to: &bytes)
    key(#","digest":"#, to: &bytes)
    digest(event.digest, to: &bytes)
    key("}\n", to: &bytes)
  }

  private static func key(_ text: StaticString, to bytes: inout [UInt8]) {
    bytes.append(
      contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  private static func number(_ value: Int64, to bytes: inout [UInt8]) {
    bytes.append(contentsOf: String(value).utf8)
  }

  private static func text(_ text: String?, to bytes: inout [UInt8]) {
    guard let text else { return key("null", to: &bytes) }
    guard isPlain(text) else {
      bytes.append(contentsOf: JSON.string(text).text.utf8)
      return
    }
    bytes.append(UInt8(ascii: "\""))
    bytes.append(contentsOf: text.utf8)
    bytes.append(UInt8(ascii: "\""))
  }

  private static func isPlain(_ text: String) -> Bool {
    text.utf8.allSatisfy {
      $0 >= 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
    }
  }

  /// Tells whether all bytes are ASCII that shows, eight at a time.
  private static func isPrintableASCII(_ text: String.UTF8View) -> Bool {
    text.withContiguousStorageIfAvailable { bytes in
      let raw = UnsafeRawBufferPointer(bytes)
      var offset = 0
      var odd: UInt64 = 0
      while offset + 8 <= raw.count {
        let word = raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        // The highest bit of a byte: it is above 0x7f, or 0x7f, or (a byte borrows from the next at most when it is itself one
        // of these) below 0x20.
        odd |= word | (word &+ 0x0101_0101_0101_0101) | (word &- 0x2020_2020_2020_2020)
        offset += 8
      }
      guard odd & 0x8080_8080_8080_8080 == 0 else { return false }
      while offset < raw.count {
        guard (0x20..<0x7f).contains(raw[offset]) else { return false }
        offset += 1
      }
      return true
    } ?? text.allSatisfy { $0 >= 0x20 && $0 < 0x7f }
  }

  /// As it was written, where nothing in it has to be escaped for a document.
  private static func data(_ event: Event, to bytes: inout [UInt8]) {
    let data = event.data.utf8
    let isAsWritten =
      data.first == UInt8(ascii: "{") && data.last == UInt8(ascii: "}")
      && isPrintableASCII(data)
    if isAsWritten {
      bytes.append(contentsOf: data)
    } else {
      bytes.append(contentsOf: event.json.text.utf8)
    }
  }

  private static func digest(_ digest: Digest?, to bytes: inout [UInt8]) {
    guard let digest else { return key("null", to: &bytes) }
    bytes.append(UInt8(ascii: "\""))
    digest.appendHexadecimal(to: &bytes)
    bytes.append(UInt8(ascii: "\""))
  }
}
