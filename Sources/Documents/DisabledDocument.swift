package import Events

/// A pattern that keeps jobs from running now.
package struct DisabledDocument: Equatable, Sendable {
  package var pattern: String
  package var disabledAt: WallTime
  /// The time at which it ends by itself; nil where it does not.
  package var until: WallTime?
  package var by: Requester

  package init(_ disabled: JobSwitch, at time: WallTime) {
    pattern = disabled.pattern
    disabledAt = time
    until = disabled.until
    by = disabled.by
  }

  package var json: JSON {
    JSON(document: [
      ("pattern", .string(pattern)), ("disabled_at", .time(disabledAt)), ("until", .time(until)),
      ("user", .string(by.user)), ("host", .string(by.host)), ("via", .string(by.via.rawValue)),
      ("reason", .text(by.reason)), ("token", .text(by.token)), ("address", .text(by.address)),
    ])
  }

  package init(_ json: JSON) throws(DocumentError) {
    let fields = try DocumentFields(json)
    pattern = try fields.string("pattern")
    disabledAt = try fields.time("disabled_at")
    until = try fields.moment("until")
    by = Requester()
    by.user = try fields.string("user")
    by.host = try fields.string("host")
    by.via = try fields.named("via", "way that this version knows") { Requester.Way(rawValue: $0) }
    by.reason = try fields.text("reason")
    by.token = try fields.text("token")
    by.address = try fields.text("address")
  }
}
