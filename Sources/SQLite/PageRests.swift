/// The bytes of a page of a b-tree in which nothing stands: between its pointers and its cells, and in free blocks among these
/// (sqlite.org/fileformat2.html#b_tree_pages). SQLite leaves copies of rows there that it has moved to another page, with
/// secure_delete too.
enum PageRests {
  private static let headerBytes: [UInt8: Int] = [2: 12, 5: 12, 10: 8, 13: 8]

  /// Returns where they are; none where it is no such page, or one that makes no sense.
  /// - Parameter usable: the bytes of a page that SQLite uses.
  static func ranges(_ page: UnsafeRawBufferPointer, isFirst: Bool, usable: Int) -> [Range<Int>] {
    // Before its page the first has the file's header.
    let start = isFirst ? 100 : 0
    guard usable <= page.count, start + 12 <= usable,
      let header = unsafe headerBytes[page[start]]
    else { return [] }
    let pointersEnd = unsafe start + header + 2 * page.bigEndian16(at: start + 3)
    let said = unsafe page.bigEndian16(at: start + 5)
    // 64 KiB does not fit.
    let cells = said == 0 ? 65536 : said
    guard pointersEnd <= cells, cells <= usable else { return [] }
    var ranges = [pointersEnd..<cells]
    var block = unsafe page.bigEndian16(at: start + 1)
    var end = cells
    while block != 0 {
      // In order, each behind the one before.
      guard block >= end, block + 4 <= usable else { return [] }
      let size = unsafe page.bigEndian16(at: block + 2)
      guard size >= 4, block + size <= usable else { return [] }
      ranges.append((block + 4)..<(block + size))
      end = block + size
      block = unsafe page.bigEndian16(at: block)
    }
    return ranges.filter { !$0.isEmpty }
  }
}

extension UnsafeRawBufferPointer {
  fileprivate func bigEndian16(at offset: Int) -> Int {
    unsafe Int(self[offset]) << 8 | Int(self[offset + 1])
  }

  fileprivate func bigEndian32(at offset: Int) -> UInt32 {
    unsafe UInt32(bigEndian16(at: offset)) << 16 | UInt32(bigEndian16(at: offset + 2))
  }
}

/// The kinds of a database's pages, as its pointer maps tell (sqlite.org/fileformat2.html#pointer_map_or_ptrmap_pages). A
/// database without auto_vacuum has none.
private struct PageKinds {
  private let usable: Int
  private let lockPage: Int64
  private var map: [UInt8] = []
  private var mapPage: Int64 = 0

  init(usable: Int, pageBytes: Int) {
    self.usable = usable
    // In it are the bytes that locks are put on.
    lockPage = 0x4000_0000 / Int64(pageBytes) + 1
  }

  /// The map that has this page's entry.
  private func mapPage(of page: Int64) -> Int64 {
    let each = Int64(usable / 5) + 1
    let map = (page - 2) / each * each + 2
    return map == lockPage ? map + 1 : map
  }

  /// Tells whether a page is one of a b-tree.
  /// - Parameter read: the contents of a page.
  mutating func isTree(
    _ page: Int64, _ read: (Int64) throws(SQLiteError) -> [UInt8]
  ) throws(SQLiteError) -> Bool {
    if page == 1 { return true }
    let needed = mapPage(of: page)
    guard page != needed, page != lockPage else { return false }
    if needed != mapPage { (map, mapPage) = (try read(needed), needed) }
    let entry = Int(5 * (page - needed - 1))
    guard entry >= 0, entry + 5 <= usable, entry < map.count else { return false }
    // The root of a tree, or a page below.
    return map[entry] == 1 || map[entry] == 5
  }
}

extension Connection {
  /// Overwrites with zeros what stands in the rests of b-tree pages, from that page on, up to so many of them. Only where the WAL
  /// is empty, inside a transaction that has written nothing yet, and where nobody else checkpoints: then nobody writes the
  /// file. Readers are not disturbed, nor does it matter where it is stopped: these bytes mean nothing. Whoever has one of
  /// the pages in memory forgets it with the next commit of anybody.
  /// - Returns: the page to go on with; nil at the end.
  package borrowing func clearRests(
    from first: Int64, pages limit: Int
  ) throws(SQLiteError) -> Int64? {
    let file = try unsafe DatabaseFile(handle.pointer)
    let header = try file.read(at: 0, 100)
    let (pageBytes, usable, hasMaps, reserved) = unsafe header.withUnsafeBytes {
      header -> (Int, Int, Bool, Int) in
      let said = unsafe header.bigEndian16(at: 16)
      let bytes = said == 1 ? 65536 : said
      let reserved = unsafe Int(header[20])
      return unsafe (bytes, bytes - reserved, header.bigEndian32(at: 52) != 0, reserved)
    }
    // With checksums in them, pages are not to be written in part.
    guard pageBytes >= 512, reserved == 0 else { return nil }
    let count = try integer("PRAGMA page_count")
    var kinds = PageKinds(usable: usable, pageBytes: pageBytes)
    var read = 0
    var page = max(1, first)
    func contents(_ page: Int64) throws(SQLiteError) -> [UInt8] {
      try file.read(at: (page - 1) * Int64(pageBytes), pageBytes)
    }
    while page <= count {
      guard read < limit else { return page }
      defer { page += 1 }
      // Without maps, the number with which another kind of page begins could be a tree's only in 130 GB.
      if hasMaps { guard try kinds.isTree(page, contents) else { continue } }
      guard hasMaps || count < 0x200_0000 else { return nil }
      read += 1
      let bytes = try contents(page)
      let dirty = unsafe bytes.withUnsafeBytes { bytes in
        unsafe PageRests.ranges(bytes, isFirst: page == 1, usable: usable).filter {
          unsafe bytes[$0].contains { $0 != 0 }
        }
      }
      for range in dirty {
        try file.clear(at: (page - 1) * Int64(pageBytes) + Int64(range.lowerBound), range.count)
      }
    }
    return nil
  }

  /// Puts on disk what `clearRests` has done.
  package borrowing func syncFile() throws(SQLiteError) {
    try unsafe DatabaseFile(handle.pointer).sync()
  }
}
