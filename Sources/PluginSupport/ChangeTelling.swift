package import Documents
internal import Events
internal import Ledger
internal import Linux
internal import Operations

/// A way by which changes are told.
package struct ChangeChannel {
  /// The name under which the ledger knows what it has told.
  package let name: String
  package let selection: ChangeSelection
  /// The last lines of output that it wants.
  package let lines: Int
  /// Tells it. The error's description says why nobody has taken it, and holds no secret.
  package let tell: (ChangeDocument) throws -> Void

  package init(
    _ name: String, _ selection: ChangeSelection, lines: Int,
    tell: @escaping (ChangeDocument) throws -> Void
  ) {
    self.name = name
    self.selection = selection
    self.lines = lines
    self.tell = tell
  }
}

/// Tells changes: of what the ledger has, once a run has ended or somebody looks, and of a run that it could not take.
package struct ChangeTelling {
  /// Changes that one process tells by one channel, at most.
  private static let most = 200

  private let channels: [ChangeChannel]
  private let ledger: LedgerDirectory
  private var created = Created()
  /// The run that this process is told of does not stand in the ledger.
  private var isUnrecorded = false

  package init(_ channels: [ChangeChannel]) {
    self.channels = channels.filter { !$0.selection.isEmpty }
    ledger = LedgerDirectory(Environment.value(EnvironmentVariable.ledger.name) ?? "")
  }

  /// Takes in an event of the run. Of a failure that could not be recorded it tells at once: nobody else will know.
  package mutating func take(_ event: PluginEvent, _ voice: inout PluginVoice) {
    if event.kind == .state(.created) { created = Created(event.data) }
    guard !event.isRecorded else { return }
    isUnrecorded = true
    guard let state = event.kind.state, state.group == .failure else { return }
    let document = ChangeDocument(unrecorded: event, state, created, ledger: ledger.path)
    for channel in channels where channel.selection.takes(.failed, of: event.job) {
      do { try channel.tell(document) } catch {
        voice.fail("\(channel.name): \(event.instance) was not told: \(error)")
      }
    }
  }

  /// The run has ended, or there was none: looks whether there is something to tell, and tells it.
  package func finish(_ voice: inout PluginVoice) throws {
    guard !channels.isEmpty, !isUnrecorded,
      let session = try LedgerSession.open(ledger, notify: { _ in })
    else { return }
    _ = try ChangeNoticing(session).run()
    for channel in channels { try tell(channel, session, &voice) }
  }

  private func tell(
    _ channel: ChangeChannel, _ session: LedgerSession, _ voice: inout PluginVoice
  ) throws {
    let report = ChangeReport(session, lines: channel.lines)
    let queue = TellingQueue(session, channel: channel.name) { job, change in
      channel.selection.takes(change.kind, of: job)
    }
    for _ in 0..<Self.most {
      guard let item = try queue.next() else { return }
      var error: String?
      do { try channel.tell(report.document(of: item.job, item.change, seq: item.seq)) } catch let
        failure
      { error = "\(failure)" }
      try queue.ended(item, error: error)
      if let error {
        let job = EscapedText.of(item.job)
        voice.fail("\(channel.name): a change of \(job) was not told: \(error)")
      }
    }
  }
}

extension ChangeDocument {
  /// Tells of a run that failed, and of which the ledger knows nothing.
  init(unrecorded event: PluginEvent, _ state: InstanceState, _ created: Created, ledger: String) {
    let name = "unrecorded-\(event.instance)"
    self.init(
      .failed, id: name, thread: name, job: event.job, at: event.at, since: event.at,
      ledger: ledger)
    let ending = Ending(event.data)
    host = created.host.isEmpty ? Host.name() : created.host
    count = 1
    instance = event.instance
    self.state = state
    reason = ending.reason
    exitCode = ending.exitCode
    signal = ending.signal
    command = created.command
    user = created.user
    directory = created.cwd
    endedAt = event.at
    if let last = ending.status { output = [last] }
  }

  /// It is told without the ledger.
  package var isRecorded: Bool { !id.hasPrefix("unrecorded-") }
}
