internal import Glibc
internal import Linux

/// A bundle that is read: where its members are. Nothing else stands in the file.
struct BundleFile: ~Copyable, Sendable {
  struct Part: Equatable, Sendable {
    let member: BundleMember
    let offset: Int64
    let size: Int64

    var end: Int64 { offset + size }
  }

  private let file: Descriptor
  let path: String
  let size: Int64
  let parts: [Part]
  /// The time of each member, seconds since 1970.
  let time: Int64

  var fd: Int32 { file.fd }

  static func open(_ path: String) throws -> BundleFile {
    let file = try Descriptor.openRegular(path, O_RDONLY)
    var info = stat()
    guard fstat(file.fd, &info) == 0 else { throw SystemCallError("fstat", path) }
    return try BundleFile(file, path, size: Int64(info.st_size))
  }

  private init(_ file: consuming Descriptor, _ path: String, size: Int64) throws {
    var parts: [Part] = []
    var position: Int64 = 0
    var time: Int64?
    while true {
      let block = try RawIO.read(file.fd, TarHeader.block, at: position)
      guard block.contains(where: { $0 != 0 }) else { break }
      let header = try TarHeader(block)
      guard header.time == time ?? header.time else {
        throw BundleRefusal("the header of \(header.name) is damaged")
      }
      time = header.time
      let part = Part(
        member: try Self.next(header.name, behind: parts.last?.member),
        offset: position + Int64(TarHeader.block), size: header.size)
      guard header.size <= size, part.end <= size else {
        throw BundleRefusal("the file ends within \(header.name)")
      }
      let padding = try RawIO.read(file.fd, header.padding, at: part.end)
      guard padding.count == header.padding, padding.allSatisfy({ $0 == 0 }) else {
        throw BundleRefusal("there is something behind \(header.name)")
      }
      parts.append(part)
      position = part.end + Int64(header.padding)
    }
    guard size == position + Int64(TarHeader.end.count),
      try RawIO.read(file.fd, TarHeader.end.count, at: position) == TarHeader.end
    else {
      throw BundleRefusal(
        parts.isEmpty ? "it is no bundle" : "it does not end as a bundle does")
    }
    for member in BundleMember.allCases
    where member.isRequired && !parts.contains(where: { $0.member == member }) {
      throw BundleRefusal("\(member.name) is not in it")
    }
    self.file = file
    self.path = path
    self.size = size
    self.parts = parts
    self.time = time ?? 0
  }

  private static func next(
    _ name: String, behind last: BundleMember?
  ) throws(BundleRefusal) -> BundleMember {
    guard let member = BundleMember(rawValue: name) else {
      throw BundleRefusal("\(name): no bundle has such a member")
    }
    let order = BundleMember.allCases
    if let last, let before = order.firstIndex(of: last), let place = order.firstIndex(of: member),
      place <= before
    {
      throw BundleRefusal("\(name) is in it twice, or not in its place")
    }
    return member
  }

  func part(_ member: BundleMember) -> Part? { parts.first { $0.member == member } }

  /// The whole of a member that is never large.
  func contents(_ member: BundleMember) throws -> [UInt8] {
    guard let part = part(member) else { throw BundleRefusal("\(member.name) is not in it") }
    guard part.size <= BundleFormat.smallMember else {
      throw BundleRefusal("\(member.name) is too large to be one")
    }
    return try RawIO.read(fd, Int(part.size), at: part.offset)
  }

  /// Gives the bytes from there on, in pieces.
  static func forEachPiece(
    _ fd: Int32, from offset: Int64, count: Int64, _ body: (UnsafeRawBufferPointer) -> Void
  ) throws(SystemCallError) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceSize, alignment: 64)
    defer { buffer.deallocate() }
    var (position, left) = (offset, count)
    while left > 0 {
      let wanted = Int(min(left, Int64(pieceSize)))
      let read = pread(fd, buffer.baseAddress, wanted, off_t(position))
      guard read >= 0 || errno == EINTR else { throw SystemCallError("read") }
      guard read != 0 else { throw SystemCallError("read", nil, .inputOutput) }
      guard read > 0 else { continue }
      body(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<read]))
      position += Int64(read)
      left -= Int64(read)
    }
  }

  private static let pieceSize = 256 << 10
}
