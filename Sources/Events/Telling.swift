/// Somebody tells a change: the data of `telling_begun`, which keeps others from telling it meanwhile, and of
/// `telling_ended`.
package struct Telling: Equatable, Sendable {
  package enum Outcome: String, CaseIterable, Sendable {
    /// Whoever is to be told has taken it.
    case told
    /// Nobody has; it is tried again.
    case failed
    /// Nobody has, and it is tried no more.
    case givenUp = "given_up"
  }

  /// The way by which it is told, by the name that the plugin's settings give it.
  package var channel: String
  /// The position of the change.
  package var change: Seq
  /// From 1.
  package var attempt: Int64
  /// Until then nobody else tells it: whoever has begun, or the time until the next try. Nil where it is over.
  package var until: WallTime?
  /// The end; nil of `telling_begun`.
  package var outcome: Outcome?
  /// The reason why nobody has taken it. It holds no secret.
  package var error: String?
  package var by: Requester

  package init(
    channel: String, change: Seq, attempt: Int64, until: WallTime? = nil, outcome: Outcome? = nil,
    error: String? = nil, by requester: Requester = Requester()
  ) {
    self.channel = channel
    self.change = change
    self.attempt = attempt
    self.until = until
    self.outcome = outcome
    self.error = error
    by = requester
  }

  /// Fails where it does not say what is told, and by which way.
  package init?(_ json: JSON) {
    guard let channel = json["channel"]?.string, let change = json["change"]?.seq else {
      return nil
    }
    self.init(
      channel: channel, change: change, attempt: json["attempt"]?.integer ?? 1,
      until: json["until"]?.wallTime, outcome: json["outcome"]?.string.flatMap(Outcome.init),
      error: json["error"]?.string, by: Requester(json))
  }

  package var json: JSON {
    .object(
      omittingNil: [
        ("channel", .string(channel)), ("change", .seq(change)), ("attempt", .integer(attempt)),
        ("outcome", outcome.map { .string($0.rawValue) }), ("error", error.map { .string($0) }),
        ("until", until.map { .microseconds($0) }),
      ] + by.members)
  }
}
