package import Events

/// The progress of a job, as people read it.
package enum ProgressText {
  private static let barWidth = 10

  /// The last line of a job, with what it tells of its progress before it: `[#####     ] 50% copied 50/100`, or without
  /// the bar.
  package static func status(_ line: String?, _ progress: Progress?, drawsBar: Bool) -> String {
    let line = line ?? ""
    guard let percent = progress?.percent else { return line }
    let known = drawsBar ? "\(bar(percent)) \(number(percent))" : number(percent)
    // A line that is nothing else, or says so itself in a pipe, need not say it twice.
    if line == number(percent) || (!drawsBar && line.contains(number(percent))) {
      return drawsBar ? known : line
    }
    return line.isEmpty ? known : "\(known) \(line)"
  }

  /// `25 of 100, 25%`; nil when there is nothing to say.
  package static func long(_ progress: Progress) -> String? {
    let counts: String? =
      switch (progress.done, progress.total) {
      case (let done?, let total?): "\(plain(done)) of \(plain(total))"
      case (let done?, nil): plain(done)
      case (nil, let total?): "of \(plain(total))"
      case (nil, nil): nil
      }
    let parts = [counts, progress.percent.map(number)].compactMap { $0 }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }

  /// Never full before the end, and never past it.
  private static func bar(_ percent: Double) -> String {
    let filled = Int(min(max(percent, 0), 100) / 100 * Double(barWidth))
    return "[" + String(repeating: "#", count: filled)
      + String(repeating: " ", count: barWidth - filled) + "]"
  }

  /// Whole percents, cut.
  private static func number(_ percent: Double) -> String {
    "\(Int(min(max(percent, 0), 100)))%"
  }

  private static func plain(_ value: Double) -> String {
    Int64(exactly: value).map { "\($0)" } ?? "\(value)"
  }
}
