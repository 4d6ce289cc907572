package import Documents
internal import Events
package import Projections

extension HitDocument {
  package init(_ record: InstanceRecord, _ line: FoundLine) {
    self.init(
      job: record.job, instance: record.instance, stream: line.stream, at: line.at,
      line: String(decoding: line.bytes, as: UTF8.self), isHit: line.isSelected, isCut: line.isCut,
      matches: line.matches.map { String(decoding: line.bytes(of: $0), as: UTF8.self) })
  }
}

extension HitCountDocument {
  /// - Parameter lines: nil where only the first was looked for.
  package init(_ record: InstanceRecord, lines: Int64?) {
    self.init(
      job: record.job, instance: record.instance, state: record.state,
      createdAt: record.createdAt, lines: lines)
  }
}
