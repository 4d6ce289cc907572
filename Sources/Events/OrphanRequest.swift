/// Somebody's wish about the command that a lost run has left behind, carried out by who asked: the data of an
/// `orphan_requested` event.
package struct OrphanRequest: Equatable, Sendable {
  /// The kind of the request.
  package var kind: EventKind
  package var request: ControlRequest
  package var job: String
  package var instance: String

  package init(_ kind: EventKind, _ request: ControlRequest, job: String, instance: InstanceID) {
    self.kind = kind
    self.request = request
    self.job = job
    self.instance = instance.text
  }

  package init(_ json: JSON) {
    kind = EventKind(name: json["request"]?.string ?? "")
    request = ControlRequest(json)
    job = json["job"]?.string ?? ""
    instance = json["instance"]?.string ?? ""
  }

  package var json: JSON {
    .object(
      omittingNil: [
        ("request", .string(kind.name)), ("job", .string(job)), ("instance", .string(instance)),
      ] + request.members)
  }
}
