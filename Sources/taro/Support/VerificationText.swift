internal import Ledger
internal import Projections

/// A verification as people read it.
enum VerificationText {
  static func lines(
    _ report: VerificationReport, _ directory: LedgerDirectory,
    _ projections: ProjectionComparison.Outcome
  ) -> [String] {
    let path = PrintableText.escaped(directory.path)
    let read =
      "\(count(report.events, "event")), \(count(report.chunks, "piece")) of output with "
      + "\(TimeFormat.bytes(report.bytes)), in \(TimeFormat.short(report.microseconds))"
    guard !report.isGood else {
      return ["\(path): good", "read         \(read)"] + dropped(report)
        + ["read models  \(Self.text(projections))"] + refused(directory) + head(report)
    }
    return ["\(path): damaged, \(count(report.problemCount, "problem"))"]
      + problems(report) + ["read         \(read)"] + dropped(report)
      + ["trustworthy  \(trust(report))"] + refused(directory) + head(report)
  }

  private static func dropped(_ report: VerificationReport) -> [String] {
    var lines = report.powerCut.map { ["power cut    \($0)"] } ?? []
    let chunks = "\(count(report.droppedChunks, "piece")) of output"
    switch (report.dropped, report.droppedChunks) {
    case (0, 0): break
    case (0, _): lines.append("dropped      \(chunks), by retention")
    case (let events, 0): lines.append("dropped      \(count(events, "event")), by retention")
    case (let events, _):
      lines.append("dropped      \(count(events, "event")), and \(chunks) of others, by retention")
    }
    if report.keptIsDropped {
      lines.append("against      that event was dropped by retention: it cannot be compared")
    }
    return lines
  }

  /// What is in no ledger makes none bad.
  private static func refused(_ directory: LedgerDirectory) -> [String] {
    let spools = Int64(SpoolIntake.refused(directory).count)
    guard spools > 0 else { return [] }
    return [
      "refused      \(count(spools, "spool")), not wholly in the ledger: see taro ledger info"
    ]
  }

  private static func head(_ report: VerificationReport) -> [String] {
    report.head.map { ["head         \($0)"] } ?? []
  }

  private static func problems(_ report: VerificationReport) -> [String] {
    let lines = report.problems.map { problem in
      "  \(place(problem))\(PrintableText.escaped(problem.text))"
    }
    let rest = report.problemCount - Int64(report.problems.count)
    return lines + (rest > 0 ? ["  and \(rest) more"] : [])
  }

  private static func place(_ problem: LedgerProblem) -> String {
    let name = problem.kind == .projections ? "read models" : "event"
    switch (problem.seq, problem.lastSeq) {
    case (nil, _): return problem.kind == .projections ? "read models: " : ""
    case (let first?, nil): return "\(name) \(first): "
    case (let first?, let last?): return "\(name) \(first) to \(last): "
    }
  }

  private static func trust(_ report: VerificationReport) -> String {
    let last = report.trustworthyUpTo
    guard last > 0 else { return "no event" }
    var text = last == 1 ? "event 1" : "all events from 1 to \(last)"
    if report.fittingBehind > 0 {
      text += ", and \(report.fittingBehind) behind them that fit their predecessor"
    }
    if report.badPayloads > 0 {
      text += "; all output but \(count(report.badPayloads, "piece")) named here"
    }
    return text
  }

  private static func text(_ projections: ProjectionComparison.Outcome) -> String {
    switch projections {
    case .equal(let position): "agree with all events up to \(position)"
    case .different: "do not agree"
    case .none(let reason): "not compared: \(PrintableText.escaped(reason))"
    }
  }

  static func count(_ number: Int64, _ what: String) -> String {
    number == 1 ? "1 \(what)" : "\(number) \(what)s"
  }
}
