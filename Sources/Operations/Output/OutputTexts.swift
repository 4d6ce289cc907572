package import Events
package import Ledger
internal import Projections

/// The output of an instance as texts of lines, for who takes them at his own pace.
package struct OutputTexts {
  /// A place between two of them, from which another reader of the ledger may go on.
  package struct Place: Sendable {
    fileprivate var chunks = RecordedChunks.Place()
    fileprivate var assembly: LineAssembly
    fileprivate var ready: ArraySlice<OutputText> = []
    fileprivate var hasEnded = false

    /// The beginning.
    /// - Parameter stream: nil for both.
    package init(_ stream: OutputStream?) { assembly = LineAssembly(stream) }
  }

  private let stream: OutputStream?
  private var chunks: RecordedChunks
  private var now: Place

  /// - Parameters:
  ///   - stream: nil for both.
  ///   - place: of the same stream; nil for the beginning.
  package init(
    _ reader: LedgerReader, _ instance: InstanceID, stream: OutputStream?, from place: Place? = nil
  ) {
    self.stream = stream
    now = place ?? Place(stream)
    chunks = RecordedChunks(reader, instance, from: now.chunks)
  }

  /// Behind the last one that was given.
  package var place: Place {
    var place = now
    place.chunks = chunks.place
    return place
  }

  /// The next text; nil at the end of what is recorded. What is missing breaks the lines around it.
  package mutating func next() throws -> OutputText? {
    while true {
      if let text = now.ready.popFirst() { return text }
      guard !now.hasEnded else { return nil }
      switch try chunks.next() {
      case .chunk(let chunk, _, let at): now.ready = now.assembly.take(chunk, at: at)[...]
      case .damaged(let piece):
        now.ready =
          (now.assembly.finish() + [.damaged(seq: piece.seq, bytes: size(piece))])[...]
      case .dropped(let piece):
        now.ready = (now.assembly.finish() + [.dropped(bytes: piece.map(size) ?? 0)])[...]
      // No line goes over it.
      case .gap: now.ready = now.assembly.finish()[...]
      case nil:
        now.hasEnded = true
        now.ready = now.assembly.finish()[...]
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
