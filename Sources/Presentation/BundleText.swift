package import Documents
internal import Events

/// A bundle and what it proves, as people read it.
package struct BundleText {
  private let bundle: BundleDocument
  private let headRemedy: String
  private let signersRemedy: String

  /// - Parameters:
  ///   - headRemedy: how it is tied to a head: "--head compares it".
  ///   - signersRemedy: how one is told whose a signature is.
  package init(_ bundle: BundleDocument, headRemedy: String, signersRemedy: String) {
    self.bundle = bundle
    self.headRemedy = headRemedy
    self.signersRemedy = signersRemedy
  }

  package var lines: [PrintableText] {
    let file = bundle.file
    switch bundle.result {
    case .refused: return ["\(file): refused: \(bundle.reason ?? "it is no bundle")"]
    case .whole: return ["\(file): whole"] + facts
    case .incomplete: return ["\(file): as it was made, and incomplete"] + facts
    }
  }

  private var facts: [PrintableText] {
    var lines: [PrintableText] = []
    func add(_ name: String, _ text: String) {
      lines.append("\(name)\(String(repeating: " ", count: max(1, 11 - name.count)))\(text)")
    }
    let name = "\(bundle.job ?? "")@\(bundle.instance?.text ?? "")"
    add("run", "\(name), \(bundle.state?.rawValue ?? ""), \(CountText.of(bundle.events, "event"))")
    add("output", output)
    if bundle.redactedEvents > 0 {
      add(
        "redacted",
        "\(CountText.of(bundle.redactedEvents, "event")): what stands there was put there later, as an event of the chain tells"
      )
    }
    if let maker = bundle.maker, let madeAt = bundle.madeAt {
      add(
        "made",
        "\(TimeFormat.local(madeAt)) on \(maker.host) by \(maker.user), version \(bundle.version ?? "")"
      )
    }
    if let chain = bundle.chain {
      add("chain", text(chain))
      for gap in gaps(chain) { add("gap", gap) }
      add("head", head(chain))
    }
    add("signature", signature)
    return lines
  }

  private var output: String {
    let text = TimeFormat.bytes(bundle.outputBytes)
    guard bundle.missingPieces > 0 else {
      return bundle.redactedEvents > 0 ? text : "\(text), all that was recorded"
    }
    let missing = CountText.of(bundle.missingPieces, "piece")
    return "\(text); \(missing) with \(TimeFormat.bytes(bundle.missingBytes)) not in it: "
      + (bundle.missing ?? "not there")
  }

  private func text(_ chain: BundleDocument.Chain) -> String {
    guard chain.isLinked else {
      return
        "without what stands between: each event fits the digest that is told, and no head proves it"
    }
    return "events \(chain.first) to \(chain.head.seq) fit each other, "
      + "\(chain.otherEvents) of them of other runs"
  }

  private func gaps(_ chain: BundleDocument.Chain) -> [String] {
    guard chain.isLinked, chain.gapCount > 0 else { return [] }
    let shown = chain.gaps.prefix(3).map { gap in
      "events \(gap.lowerBound) to \(gap.upperBound) were dropped: what is before them is proven only by a head from before them"
    }
    let more = chain.gapCount - Int64(shown.count)
    return shown + (more > 0 ? ["and \(more) more"] : [])
  }

  private func head(_ chain: BundleDocument.Chain) -> String {
    guard let against = bundle.against else { return "\(chain.head), not compared: \(headRemedy)" }
    guard against.provenEvents < bundle.events else {
      return "\(against.head) is the one that was kept: all events are as they were recorded"
        + (bundle.redactedEvents > 0 ? ", but for what was redacted" : "")
    }
    return "\(against.head) is the one that was kept, and proves "
      + "\(against.provenEvents) of \(CountText.of(bundle.events, "event"))"
  }

  private var signature: String {
    guard let signature = bundle.signature else { return "none" }
    guard let principal = signature.principal else {
      return "good, by \(signature.key): \(signersRemedy)"
    }
    return "good, by \(principal), \(signature.key)"
  }
}
