internal import Events
internal import Linux

/// The lines of a member, each a JSON document, read one after the other. Memory: the longest line.
struct MemberLines {
  private let fd: Int32
  private let name: String
  private var position: Int64
  private let end: Int64
  private var buffer: [UInt8] = []
  /// Bytes of the buffer that were given out.
  private var used = 0

  private static let readSize = 256 << 10

  init(_ part: BundleFile.Part, _ fd: Int32) {
    self.fd = fd
    name = part.member.name
    position = part.offset
    end = part.end
  }

  /// Returns nil at the end.
  mutating func next() throws -> JSON? {
    var searched = used
    while true {
      if let feed = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        let line = String(decoding: buffer[used..<feed], as: UTF8.self)
        used = feed + 1
        guard let json = try? JSON(parsing: line) else { throw damaged }
        return json
      }
      guard position < end else {
        guard used == buffer.count else { throw damaged }
        return nil
      }
      buffer.removeFirst(used)
      used = 0
      searched = buffer.count
      guard buffer.count < BundleFormat.longestLine else { throw damaged }
      let read = try RawIO.read(fd, Int(min(Int64(Self.readSize), end - position)), at: position)
      guard !read.isEmpty else { throw damaged }
      position += Int64(read.count)
      buffer.append(contentsOf: read)
    }
  }

  var damaged: BundleRefusal { BundleRefusal("\(name) is damaged") }
}
