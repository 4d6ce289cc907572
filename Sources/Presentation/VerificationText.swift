package import Documents
package import Events

/// A verification as people read it.
package struct VerificationText {
  package enum ReadModels {
    case agree(upTo: Seq)
    case differ
    case notCompared(String)
  }

  private let verification: VerificationDocument
  private let readModels: ReadModels
  private let powerCut: String?
  private let refusedSpools: Int
  private let refusedRemedy: String
  private let keptIsDropped: Bool

  /// - Parameters:
  ///   - powerCut: what a power cut took, in a sentence.
  ///   - refusedSpools: files with events that could not be taken in; what is in no ledger makes none bad.
  ///   - refusedRemedy: what to do about them.
  ///   - keptIsDropped: the event that it was compared with was dropped by retention.
  package init(
    _ verification: VerificationDocument, _ readModels: ReadModels, powerCut: String?,
    refusedSpools: Int, refusedRemedy: String, keptIsDropped: Bool
  ) {
    self.verification = verification
    self.readModels = readModels
    self.powerCut = powerCut
    self.refusedSpools = refusedSpools
    self.refusedRemedy = refusedRemedy
    self.keptIsDropped = keptIsDropped
  }

  package var lines: [String] {
    let path = PrintableText.escaped(verification.ledger)
    let read =
      "\(CountText.of(verification.events, "event")), "
      + "\(CountText.of(verification.chunks, "piece")) of output with "
      + "\(TimeFormat.bytes(verification.outputBytes)), in \(DurationText.short(verification.duration))"
    guard !verification.isGood else {
      return ["\(path): good", "read         \(read)"] + dropped
        + ["read models  \(readModelsText)"] + refused + head
    }
    return ["\(path): damaged, \(CountText.of(verification.problemCount, "problem"))"] + problems
      + ["read         \(read)"] + dropped + ["trustworthy  \(trust)"] + refused + head
  }

  private var dropped: [String] {
    var lines = powerCut.map { ["power cut    \($0)"] } ?? []
    let chunks = "\(CountText.of(verification.droppedChunks, "piece")) of output"
    switch (verification.droppedEvents, verification.droppedChunks) {
    case (0, 0): break
    case (0, _): lines.append("dropped      \(chunks), by retention")
    case (let events, 0):
      lines.append("dropped      \(CountText.of(events, "event")), by retention")
    case (let events, _):
      lines.append(
        "dropped      \(CountText.of(events, "event")), and \(chunks) of others, by retention")
    }
    if verification.redactedEvents > 0 {
      lines.append(
        "redacted     \(CountText.of(verification.redactedEvents, "event")): what stands there now is what was put there instead"
      )
    }
    if keptIsDropped {
      lines.append("against      that event was dropped by retention: it cannot be compared")
    }
    return lines
  }

  private var refused: [String] {
    guard refusedSpools > 0 else { return [] }
    let spools = CountText.of(Int64(refusedSpools), "spool")
    return ["refused      \(spools), not wholly in the ledger: \(refusedRemedy)"]
  }

  private var head: [String] { verification.head.map { ["head         \($0)"] } ?? [] }

  private var problems: [String] {
    let lines = verification.problems.map { problem in
      "  \(place(problem))\(PrintableText.escaped(problem.text))"
    }
    let rest = verification.problemCount - Int64(verification.problems.count)
    return lines + (rest > 0 ? ["  and \(rest) more"] : [])
  }

  private func place(_ problem: VerificationDocument.Problem) -> String {
    let isOfReadModels = problem.kind == "projections"
    let name = isOfReadModels ? "read models" : "event"
    switch (problem.seq, problem.lastSeq) {
    case (nil, _): return isOfReadModels ? "read models: " : ""
    case (let first?, nil): return "\(name) \(first): "
    case (let first?, let last?): return "\(name) \(first) to \(last): "
    }
  }

  private var trust: String {
    let last = verification.trustworthyUpTo
    guard last > .start else { return "no event" }
    var text = last == .first ? "event 1" : "all events from 1 to \(last)"
    if verification.fittingBehind > 0 {
      text += ", and \(verification.fittingBehind) behind them that fit their predecessor"
    }
    if verification.badPayloads > 0 {
      text += "; all output but \(CountText.of(verification.badPayloads, "piece")) named here"
    }
    return text
  }

  private var readModelsText: String {
    switch readModels {
    case .agree(let position): "agree with all events up to \(position)"
    case .differ: "do not agree"
    case .notCompared(let reason): "not compared: \(PrintableText.escaped(reason))"
    }
  }
}
