/// The 512 bytes before a member of a tar file (POSIX ustar). Everything in them follows from name, size and time: so a reader
/// can make them anew, and a changed bit shows.
struct TarHeader: Equatable {
  static let block = 512
  /// Two empty blocks end a tar file.
  static let end = [UInt8](repeating: 0, count: 2 * block)
  /// More does not fit into eleven octal digits.
  private static let largestOctal: Int64 = (1 << 33) - 1

  let name: String
  let size: Int64
  /// Seconds since 1970.
  let time: Int64

  /// Bytes behind the content that fill its last block.
  var padding: Int { Int((Int64(Self.block) - size % Int64(Self.block)) % Int64(Self.block)) }

  var bytes: [UInt8] {
    var header = [UInt8](repeating: 0, count: Self.block)
    func put(_ text: String, at offset: Int) {
      for (index, byte) in text.utf8.enumerated() { header[offset + index] = byte }
    }
    put(name, at: 0)
    put("0000644", at: 100)
    put("0000000", at: 108)
    put("0000000", at: 116)
    put(Self.octal(time, digits: 11), at: 136)
    put("0", at: 156)
    put("ustar", at: 257)
    put("00", at: 263)
    put("0000000", at: 329)
    put("0000000", at: 337)
    if size <= Self.largestOctal {
      put(Self.octal(size, digits: 11), at: 124)
    } else {
      // Base 256, as GNU tar and others have it.
      header[124] = 0x80
      withUnsafeBytes(of: size.bigEndian) { bytes in
        for (index, byte) in bytes.enumerated() { header[128 + index] = byte }
      }
    }
    for index in 148..<156 { header[index] = UInt8(ascii: " ") }
    let sum = header.reduce(Int64(0)) { $0 + Int64($1) }
    put(Self.octal(sum, digits: 6), at: 148)
    header[154] = 0
    return header
  }

  private static func octal(_ value: Int64, digits: Int) -> String {
    let text = String(max(0, value), radix: 8)
    return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
  }

  init(name: String, size: Int64, time: Int64) {
    (self.name, self.size, self.time) = (name, size, time)
  }

  /// Reads what a bundle's writer has made, and nothing else.
  init(_ block: [UInt8]) throws(BundleRefusal) {
    guard block.count == Self.block, block[257..<262].elementsEqual("ustar".utf8) else {
      throw BundleRefusal("it is no bundle")
    }
    let name = String(decoding: block[..<100].prefix { $0 != 0 }, as: UTF8.self)
    try Self.refuseStrange(name, type: block[156])
    guard let size = Self.number(block[124..<136]), let time = Self.number(block[136..<148]) else {
      throw BundleRefusal("the header of \(name) is damaged")
    }
    self.init(name: name, size: size, time: time)
    guard bytes == block else { throw BundleRefusal("the header of \(name) is damaged") }
  }

  private static func refuseStrange(_ name: String, type: UInt8) throws(BundleRefusal) {
    guard type == UInt8(ascii: "0") else {
      let isLink = type == UInt8(ascii: "1") || type == UInt8(ascii: "2")
      throw BundleRefusal("\(name) is \(isLink ? "a link" : "no plain file")")
    }
    guard BundleMember(rawValue: name) == nil else { return }
    let leadsOut =
      name.hasPrefix("/") || name.split(separator: "/").contains { $0 == ".." }
    throw BundleRefusal(
      "\(name): \(leadsOut ? "a name that leads out of the bundle" : "no bundle has such a member")"
    )
  }

  private static func number(_ field: ArraySlice<UInt8>) -> Int64? {
    let bytes = Array(field)
    if bytes.first == 0x80 {
      let value = bytes.dropFirst(4).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      return Int64(exactly: value)
    }
    let digits = bytes.prefix { (0x30...0x37).contains($0) }
    guard digits.count == 11 else { return nil }
    return digits.reduce(0) { $0 << 3 | Int64($1 - 0x30) }
  }
}
