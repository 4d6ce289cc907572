/// The SQL of the two databases, embedded at build time from the files beside this one, which are the only
/// copies.
package enum Schema {
  package static var ledger: String { String(decoding: PackageResources.ledger_sql, as: UTF8.self) }
  package static var projections: String {
    String(decoding: PackageResources.projections_sql, as: UTF8.self)
  }
  /// Added to the first when something is redacted.
  package static var redaction: String {
    String(decoding: PackageResources.redaction_sql, as: UTF8.self)
  }
}
