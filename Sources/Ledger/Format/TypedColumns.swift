package import Events
package import SQLite

/// Times, positions and digests in a database: numbers, of microseconds where they are times, and bytes.
extension Statement {
  package mutating func bind(_ index: Int32, _ value: WallTime?) throws(SQLiteError) {
    try bind(index, value?.microseconds)
  }

  package mutating func bind(_ index: Int32, _ value: BootTime?) throws(SQLiteError) {
    try bind(index, value?.microseconds)
  }

  package mutating func bind(_ index: Int32, _ value: Seq?) throws(SQLiteError) {
    try bind(index, value?.number)
  }

  /// Returns nil where the column has no digest.
  package func digest(_ column: Int32) -> Digest? {
    unsafe withBytes(column) { unsafe Digest($0) }
  }

  package func seq(_ column: Int32) -> Seq { Seq(integer(column)) }
  package func optionalSeq(_ column: Int32) -> Seq? { optionalInteger(column).map { Seq($0) } }

  package func wallTime(_ column: Int32) -> WallTime { WallTime(microseconds: integer(column)) }
  package func bootTime(_ column: Int32) -> BootTime { BootTime(microseconds: integer(column)) }

  package func optionalWallTime(_ column: Int32) -> WallTime? {
    optionalInteger(column).map { WallTime(microseconds: $0) }
  }

  package func optionalBootTime(_ column: Int32) -> BootTime? {
    optionalInteger(column).map { BootTime(microseconds: $0) }
  }
}
