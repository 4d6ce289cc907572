internal import Events
internal import HTTPTypes
internal import Ledger
internal import NIOCore
internal import Operations
internal import Projections
internal import Synchronization

/// The text of answers that cannot have changed. Never a stale one:
///
/// - An answer is kept with the ledger's head, which was asked for before anything else was read, and is given out while the head
///   is still that. What was read then may have been newer than that head only if the ledger has grown since, and then the
///   heads differ. The ledger only grows: retention, removal and closing are events too.
/// - The document of an ended instance is kept with what its record says of its last change. The record is read
///   each time; the text is what is spared.
///
/// Readers' threads use it at once; the lock is held for a look into a table.
final class AnswerCache: Sendable {
  /// A position of a ledger, with what makes it that ledger's; and the file of jobs that was read beside it.
  struct Head: Hashable, Sendable {
    let ledger: String
    let seq: Seq
    let digest: Digest
    let jobs: Int64

    init(_ session: LedgerSession, _ jobs: JobProperties.Known) throws(LedgerError) {
      (seq, digest) = try session.reader.head()
      ledger = session.reader.ledgerID
      self.jobs = jobs.generation
    }
  }

  /// A question and who asked it, as bytes: two ids that look alike are two.
  struct Question: Hashable, Sendable {
    private let bytes: [UInt8]

    /// - Parameter times: on what the answer depends besides the target, the ledger and what may be seen of it.
    init(_ request: ServerRequest, _ times: WallTime?...) {
      var parts = [request.target] + request.grant.jobs.map(\.text)
      parts += times.map { $0.map { "\($0.microseconds)" } ?? "-" }
      bytes = Array(parts.joined(separator: "\0").utf8)
    }

    var cost: Int { bytes.count }
  }

  struct Page: Sendable {
    var body: ByteBuffer
    /// The link to the next page, where there is more.
    var next: String?
    /// True when nothing but an event changes it.
    var isLasting = true
  }

  private struct DocumentKey: Hashable {
    let ledger: String
    let instance: InstanceID
    let state: InstanceState
    let lastSeq: Seq
    let lastAt: WallTime
    let endedAt: WallTime
    let outputRemovedAt: WallTime?
    /// A hash of the texts in it, which redaction changes and nothing else.
    let texts: Int
  }

  private struct State {
    var documents = BoundedCache<DocumentKey, ByteBuffer>(limit: 32 << 20)
    var pages = BoundedCache<Question, (page: Page, head: Head)>(limit: 32 << 20)
  }

  private let state = Mutex(State())

  /// The bytes that a table needs for an entry, about.
  private static let overhead = 256

  func page(_ question: Question, at head: Head) -> Page? {
    state.withLock { state in
      guard let found = state.pages[question], found.head == head else { return nil }
      return found.page
    }
  }

  func keep(_ page: Page, _ question: Question, at head: Head) {
    guard page.isLasting else { return }
    let cost = page.body.readableBytes + question.cost + Self.overhead
    state.withLock { $0.pages.insert((page, head), question, cost: cost) }
  }

  /// The text of its document, made where it is not known.
  func document(
    of record: InstanceRecord, _ ledger: String, _ make: () -> ByteBuffer
  ) -> ByteBuffer {
    guard Self.isLasting(record), let endedAt = record.endedAt else { return make() }
    let key = DocumentKey(
      ledger: ledger, instance: record.instance, state: record.state, lastSeq: record.lastSeq,
      lastAt: record.lastAt, endedAt: endedAt, outputRemovedAt: record.outputRemovedAt,
      texts: record.textsHash)
    if let text = state.withLock({ $0.documents[key] }) { return text }
    let text = make()
    state.withLock {
      $0.documents.insert(text, key, cost: text.readableBytes + Self.overhead)
    }
    return text
  }

  /// Tells whether only an event changes its document. A command that a lost one has left behind ends without any.
  static func isLasting(_ record: InstanceRecord) -> Bool {
    record.state.isTerminal && record.leftBehind == nil
  }
}

extension Services {
  /// Answers with what is kept, or with what is made now.
  func answer(
    _ question: AnswerCache.Question, _ make: () async throws -> AnswerCache.Page
  ) async throws -> Answer {
    let (head, known) = try await executor.read {
      session -> (AnswerCache.Head?, AnswerCache.Page?) in
      guard let session else { return (nil, nil) }
      let head = try AnswerCache.Head(session, jobs.current(observer.logger))
      return (head, answers.page(question, at: head))
    }
    if let known { return Answer(known) }
    let page = try await make()
    if let head { answers.keep(page, question, at: head) }
    return Answer(page)
  }
}

extension Answer {
  init(_ page: AnswerCache.Page) {
    self.init(status: .ok, body: .bytes(page.body))
    headers[.contentType] = "application/hal+json"
    link(to: page.next)
  }

  /// Adds a link to the next page.
  mutating func link(to next: String?) {
    if let next { headers[.link] = "<\(next)>; rel=\"next\"" }
  }
}
