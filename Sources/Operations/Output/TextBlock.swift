package import Events

/// Lines of an output, in the order in which they ended, each whole; only a last one may have no line feed.
package struct TextBlock: Equatable, Sendable {
  /// From here on, up to the next mark, bytes of that stream were read then.
  package struct Mark: Equatable, Sendable {
    package let offset: Int
    package let stream: OutputStream
    package let at: WallTime
  }

  package internal(set) var bytes: [UInt8] = []
  /// In order; the first is at 0 where there are bytes.
  package internal(set) var marks: [Mark] = []

  /// Returns what is known of the byte there.
  package func mark(at offset: Int) -> Mark? {
    var (low, high) = (0, marks.count)
    while low < high {
      let middle = (low + high) / 2
      if marks[middle].offset <= offset { low = middle + 1 } else { high = middle }
    }
    return low > 0 ? marks[low - 1] : nil
  }

  mutating func append(_ bytes: UnsafeRawBufferPointer) { self.bytes.append(contentsOf: bytes) }

  mutating func mark(_ stream: OutputStream, at: WallTime) {
    if let last = marks.last, last.stream == stream, last.at == at || last.offset == bytes.count {
      return
    }
    marks.append(Mark(offset: bytes.count, stream: stream, at: at))
  }
}

/// A piece of a line that is too long to be kept.
package struct LinePart: Equatable, Sendable {
  package let stream: OutputStream
  /// The time at which the line's first byte was read.
  package let at: WallTime
  package let bytes: [UInt8]
  /// So many of them, from the first on, ended the part before it.
  package let overlap: Int
  package let isLast: Bool
  package var isFirst: Bool { overlap == 0 }
}

/// An output as texts of lines.
package enum OutputText: Equatable, Sendable {
  case lines(TextBlock)
  case part(LinePart)
  /// A chunk cannot be read; so many bytes of what is wanted are missing.
  case damaged(seq: Seq, bytes: Int64)
  /// Retention has dropped so many bytes here; 0 where that is not known.
  case dropped(bytes: Int64)
}
