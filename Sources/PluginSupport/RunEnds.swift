internal import Documents
package import Events
internal import Ledger
internal import Linux
internal import Operations

/// Tells the ends of runs to receivers that count runs: at once, and again later what nobody has taken.
package struct RunEnds {
  private let ledger: LedgerDirectory
  private var session: LedgerSession?

  package init() {
    ledger = LedgerDirectory(Environment.value(EnvironmentVariable.ledger.name) ?? "")
  }

  /// A run, as its last event tells it.
  package struct End {
    package let job: String
    package let instance: InstanceID
    package let state: InstanceState
    package let ending: Ending
    /// The last lines of its output.
    package let output: String
  }

  /// Tells the end of the run that this process is told of.
  package mutating func tell(
    _ event: PluginEvent, by channel: String, lines: Int, _ voice: inout PluginVoice,
    _ tell: (End) throws -> Void
  ) {
    guard let state = event.kind.state else { return }
    guard let seq = event.document.seq else {
      // Nobody else will know of it.
      let end = End(
        job: event.job, instance: event.instance, state: state, ending: Ending(event.data),
        output: Ending(event.data).status ?? "")
      do { try tell(end) } catch { voice.fail("\(channel): \(event.instance): \(error)") }
      return
    }
    let item = RunTelling.Item(job: event.job, seq: seq, instance: event.instance)
    do { try self.tell(item, by: channel, lines: lines, &voice, tell) } catch {
      voice.fail("\(channel): \(event.instance): \(error)")
    }
  }

  /// Tells what is left of earlier runs.
  package mutating func tellLeft(
    by channel: String, lines: Int, _ voice: inout PluginVoice, _ tell: (End) throws -> Void
  ) throws {
    guard let session = try open() else { return }
    for item in try RunTelling(session, channel: channel).left() {
      try self.tell(item, by: channel, lines: lines, &voice, tell)
    }
  }

  private mutating func open() throws -> LedgerSession? {
    if let session { return session }
    session = try LedgerSession.open(ledger, notify: { _ in })
    return session
  }

  private mutating func tell(
    _ item: RunTelling.Item, by channel: String, lines: Int, _ voice: inout PluginVoice,
    _ tell: (End) throws -> Void
  ) throws {
    guard let session = try open() else { return }
    let telling = RunTelling(session, channel: channel)
    guard try telling.begin(item),
      let event = try session.reader.events(after: item.seq - 1, limit: 1).first,
      let state = event.kind.state
    else { return }
    let output = (try? LastLines.read(lines, of: item.instance, in: session.reader)) ?? ""
    let end = End(
      job: item.job, instance: item.instance, state: state, ending: Ending(event.json),
      output: output)
    var error: String?
    do { try tell(end) } catch let failure { error = "\(failure)" }
    try telling.ended(item, error: error)
    if let error { voice.fail("\(channel): the end of \(item.instance) was not told: \(error)") }
  }
}
