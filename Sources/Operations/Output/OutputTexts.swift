package import Events
package import Ledger
internal import Projections

/// The output of an instance as texts of lines, for who takes them at his own pace.
package struct OutputTexts {
  private let stream: OutputStream?
  private var chunks: RecordedChunks
  private var assembly: LineAssembly
  private var ready: ArraySlice<OutputText> = []
  private var hasEnded = false
  /// The chunk that was read last: `n` of its event.
  private(set) package var position: Int64

  /// - Parameters:
  ///   - stream: nil for both.
  ///   - n: what stands behind the instance's event of that number is given.
  package init(
    _ reader: LedgerReader, _ instance: InstanceID, stream: OutputStream?, after n: Int64 = 0
  ) {
    self.stream = stream
    position = n
    chunks = RecordedChunks(reader, instance, after: n)
    assembly = LineAssembly(stream)
  }

  /// The next text; nil at the end of what is recorded. What is missing breaks the lines around it.
  package mutating func next() throws -> OutputText? {
    while true {
      if let text = ready.popFirst() { return text }
      guard !hasEnded else { return nil }
      switch try chunks.next() {
      case .chunk(let chunk, let n, let at):
        position = n
        ready = assembly.take(chunk, at: at)[...]
      case .damaged(let piece):
        position = piece.n
        ready = (assembly.finish() + [.damaged(seq: piece.seq, bytes: size(piece))])[...]
      case .dropped(let piece):
        if let piece { position = piece.n }
        ready = (assembly.finish() + [.dropped(bytes: piece.map(size) ?? 0)])[...]
      case nil:
        hasEnded = true
        ready = assembly.finish()[...]
      }
    }
  }

  private func size(_ piece: OutputBatch.Piece) -> Int64 {
    switch stream {
    case .stdout: piece.totals.stdoutBytes
    case .stderr: piece.totals.stderrBytes
    case nil: piece.totals.bytes
    }
  }
}
