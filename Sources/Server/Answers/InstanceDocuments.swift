internal import Documents
internal import Events
internal import Ledger
internal import Linux
internal import NIOCore
internal import Operations
internal import Projections

/// Makes the texts of one answer's instances, or gives those that are known. On a reader's thread, of its session.
struct InstanceDocuments {
  private let session: LedgerSession
  private let answers: AnswerCache
  private let ledger: String
  private let moment: Moment
  /// The live instances, asked for once where one waits.
  private var queues: LiveQueues?
  /// The fields that are wanted; nil for all.
  private let fields: Set<String>?

  init(_ session: LedgerSession, _ answers: AnswerCache, fields: Set<String>? = nil) {
    self.session = session
    self.answers = answers
    self.fields = fields
    ledger = session.reader.ledgerID
    moment = session.moment
  }

  mutating func text(of record: InstanceRecord) throws(LedgerError) -> ByteBuffer {
    if queues == nil, record.waitCause != nil {
      queues = LiveQueues(try LiveInstances(session.projections))
    }
    if let fields {
      return InstanceText.bytes(InstanceDocument(record, at: moment, among: queues), fields)
    }
    return answers.document(of: record, ledger) {
      InstanceText.bytes(InstanceDocument(record, at: moment, among: queues))
    }
  }
}
