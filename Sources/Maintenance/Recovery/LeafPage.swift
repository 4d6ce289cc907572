internal import Ledger

/// The rows in one page of a table's b-tree, read without SQLite (its file format, sections 1.6 and 2): from a page that
/// no tree leads to any more. Nothing of it is believed; whatever makes no sense is no row.
enum LeafPage {
  /// A row as far as it stands in the page itself.
  struct Cell {
    let rowID: Int64
    /// Bytes of the whole record.
    let recordBytes: Int
    let local: Range<Int>
    /// The page where the record goes on; 0 when it is all here.
    let overflow: UInt32
  }

  private static let usable = WALFrames.pageBytes
  private static let tableLeaf: UInt8 = 0x0d
  /// A chunk with its runs, or an event with its data, is not larger.
  static let largestRecord = 32 << 20

  /// - Parameter page: not the first of the file, in which the schema stands.
  static func cells(_ page: UnsafeRawBufferPointer) -> [Cell] {
    guard page.count == usable, page[0] == tableLeaf else { return [] }
    let count = page.bigEndian16(3)
    guard count > 0, 8 + 2 * count <= usable else { return [] }
    return (0..<count).compactMap { cell(page, at: page.bigEndian16(8 + 2 * $0)) }
  }

  static func cell(_ page: UnsafeRawBufferPointer, at offset: Int) -> Cell? {
    var reader = VarintReader(page, at: offset)
    guard offset >= 8, let size = reader.next(), let rowID = reader.next(), size > 0,
      size <= Int64(largestRecord)
    else { return nil }
    let (start, bytes) = (reader.position, Int(size))
    let isLocal = bytes <= usable - 35
    let localBytes = isLocal ? bytes : Self.localBytes(bytes)
    let end = start + localBytes
    guard end + (isLocal ? 0 : 4) <= page.count else { return nil }
    return Cell(
      rowID: rowID, recordBytes: bytes, local: start..<end,
      overflow: isLocal ? 0 : page.bigEndian32(end))
  }

  private static func localBytes(_ bytes: Int) -> Int {
    let least = (usable - 12) * 32 / 255 - 23
    let filling = least + (bytes - least) % (usable - 4)
    return filling <= usable - 35 ? filling : least
  }
}

/// A value of a record.
enum RecordValue: Equatable {
  case null
  case integer(Int64)
  case text([UInt8])
  case blob([UInt8])

  var integer: Int64? { if case .integer(let value) = self { value } else { nil } }
  var blob: [UInt8]? { if case .blob(let value) = self { value } else { nil } }
  var isNull: Bool { self == .null }
  var isInteger: Bool { integer != nil }

  /// The text; nil when it is no UTF-8 either.
  var text: String? {
    guard case .text(let bytes) = self else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }

  /// Those of a record; nil when it is none.
  static func all(_ record: UnsafeRawBufferPointer) -> [RecordValue]? {
    guard let types = types(record) else { return nil }
    var values: [RecordValue] = []
    var position = types.body
    for type in types.types {
      guard let length = length(type), position + length <= record.count else { return nil }
      values.append(value(type, record[position..<position + length]))
      position += length
    }
    return position == record.count ? values : nil
  }

  /// The serial types of a record of which only the beginning may be here, and where its values begin.
  static func types(_ record: UnsafeRawBufferPointer) -> (types: [Int64], body: Int)? {
    var reader = VarintReader(record, at: 0)
    // Ten columns at most, of at most nine bytes.
    guard let size = reader.next(), size >= 2, size <= 100, Int(size) <= record.count else {
      return nil
    }
    var types: [Int64] = []
    while reader.position < Int(size) {
      guard let type = reader.next(), type >= 0 else { return nil }
      types.append(type)
    }
    return reader.position == Int(size) ? (types, Int(size)) : nil
  }

  private static let integerBytes = [0, 1, 2, 3, 4, 6, 8]

  /// Returns how many bytes such a value has; nil for what taro stores nowhere.
  static func length(_ type: Int64) -> Int? {
    switch type {
    case 0...6: integerBytes[Int(type)]
    case 8, 9: 0
    case 12...Int64(2 * LeafPage.largestRecord): Int((type - 12) / 2)
    default: nil
    }
  }

  private static func value(
    _ type: Int64, _ bytes: Slice<UnsafeRawBufferPointer>
  ) -> RecordValue {
    switch type {
    case 0: .null
    case 8, 9: .integer(type - 8)
    case 1...6: .integer(integer(bytes))
    default: type % 2 == 0 ? .blob(Array(bytes)) : .text(Array(bytes))
    }
  }

  /// Two's complement, the highest byte first.
  private static func integer(_ bytes: Slice<UnsafeRawBufferPointer>) -> Int64 {
    let isNegative = (bytes.first ?? 0) & 0x80 != 0
    return bytes.reduce(isNegative ? -1 : 0) { $0 << 8 | Int64($1) }
  }
}

/// Integers of one to nine bytes: seven bits in each of the first eight, and all of the ninth.
struct VarintReader {
  private let bytes: UnsafeRawBufferPointer
  private(set) var position: Int

  init(_ bytes: UnsafeRawBufferPointer, at position: Int) {
    self.bytes = bytes
    self.position = position
  }

  /// Returns the next number; nil at the end.
  mutating func next() -> Int64? {
    var value: UInt64 = 0
    for index in 0..<9 {
      guard position >= 0, position < bytes.count else { return nil }
      let byte = bytes[position]
      position += 1
      if index == 8 { return Int64(bitPattern: value << 8 | UInt64(byte)) }
      value = value << 7 | UInt64(byte & 0x7f)
      if byte & 0x80 == 0 { return Int64(bitPattern: value) }
    }
    return nil
  }
}
