/// A line in which a job tells how it is: the data of a `status` event.
package struct Status: Equatable, Sendable {
  /// The last line of output.
  package var text: String
  /// The progress that the line tells of.
  package var progress: Progress?

  package init(text: String, progress: Progress? = nil) {
    self.text = text
    self.progress = progress
  }

  package init(_ json: JSON) {
    text = json["text"]?.string ?? ""
    progress = json["progress"].flatMap { Progress($0) }
  }

  package var json: JSON {
    .object(omittingNil: [("text", .string(text)), ("progress", progress?.json)])
  }
}

/// The progress of a job, as far as the job has told it.
package struct Progress: Equatable, Sendable {
  package var done: Double?
  package var total: Double?
  /// 0 to 100.
  package var percent: Double?

  /// Fails when nothing is known. The percentage follows from the other two where it is not given.
  package init?(done: Double? = nil, total: Double? = nil, percent: Double? = nil) {
    // A number that is too large counts as none.
    let known = [done, total, percent].map { $0.flatMap { $0.isFinite ? $0 : nil } }
    let (done, total, percent) = (known[0], known[1], known[2])
    self.done = done
    self.total = total
    if let percent {
      self.percent = percent
    } else if let done, let total, total > 0 {
      // Two digits after the point.
      let percent = (done / total * 10_000).rounded() / 100
      self.percent = percent.isFinite ? percent : nil
    }
    guard done != nil || total != nil || percent != nil else { return nil }
  }

  package init?(_ json: JSON) {
    self.init(
      done: json["done"]?.number, total: json["total"]?.number, percent: json["percent"]?.number)
  }

  package var json: JSON {
    .object(omittingNil: [
      ("done", done.map(Self.count)), ("total", total.map(Self.count)),
      ("percent", percent.map { .number($0) }),
    ])
  }

  private static func count(_ value: Double) -> JSON {
    Int64(exactly: value).map { .integer($0) } ?? .number(value)
  }
}
