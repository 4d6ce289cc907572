/// A request that has not reached its job: the data of an `undelivered` event. It decides nothing about the run.
package struct Undelivered: Equatable, Sendable {
  /// The kind of the request.
  package var kind: EventKind
  package var request: ControlRequest
  /// The kernel's answer, for instance "Operation not permitted".
  package var error: String

  package init(_ kind: EventKind, _ request: ControlRequest, error: String) {
    self.kind = kind
    self.request = request
    self.error = error
  }

  package init(_ json: JSON) {
    kind = EventKind(name: json["request"]?.string ?? "")
    request = ControlRequest(json)
    error = json["error"]?.string ?? ""
  }

  package var json: JSON {
    .object(
      omittingNil: [
        ("request", .string(kind.name)), ("error", .string(error)),
      ] + request.members)
  }
}

/// That a job was stopped: the data of a `paused` event.
package struct Paused: Equatable, Sendable {
  /// Without SIG; nil where it was not recorded, as before 0.2.
  package var signal: String?

  package init(signal: String?) { self.signal = signal }
  package init(_ json: JSON) { signal = json["signal"]?.string }
  package var json: JSON { .object(omittingNil: [("signal", signal.map { .string($0) })]) }
}
