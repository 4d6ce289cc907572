package import Documents
internal import Events
package import Ledger

extension LedgerSession {
  /// The positions to which named listeners have come, by name.
  package func checkpoints() throws(LedgerError) -> [CheckpointDocument] {
    let head = try reader.head().seq
    return try CheckpointFile.all(of: reader).map { CheckpointDocument($0, head: head) }
  }
}

extension CheckpointDocument {
  fileprivate init(_ file: CheckpointFile, head: Seq) {
    self.init(
      name: file.name, savedAt: file.savedAt, isListening: file.isListening,
      pid: file.listener.map { Int64($0) })
    switch file.start {
    case .beginning: (seq, behind) = (.start, head - Seq.start)
    case .after(let position): (seq, behind) = (position, max(0, head - position))
    case .otherLedger: problem = .otherLedger
    case .lostEvents: problem = .lostEvents
    case .unreadable: problem = .unreadable
    }
  }
}
