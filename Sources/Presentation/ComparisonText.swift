package import Documents
package import Events
internal import Linux

/// Two instances beside each other, for a person.
package struct ComparisonText {
  package enum LineKind: Sendable { case same, removed, added }

  private let palette: Palette

  package init(_ palette: Palette) { self.palette = palette }

  /// The names of the two, and the facts that differ.
  package func heading(_ old: InstanceDocument, _ new: InstanceDocument) -> PrintableText {
    var text = name("--- ", old, .removed) + name("+++ ", new, .added)
    let facts = InstanceComparison(old, new).facts.filter { !$0.isSame }
    for fact in facts {
      let padding = String(repeating: " ", count: max(1, 11 - fact.name.count))
      text += "\(fact.name)\(padding)\(Self.text(fact.old)) -> \(Self.text(fact.new))\n"
    }
    return text
  }

  private func name(_ sign: String, _ instance: InstanceDocument, _ tone: Tone) -> PrintableText {
    let state = palette.paint(instance.state.rawValue, .state(InstanceTable.tone(instance.state)))
    return palette.paint(sign, tone)
      + palette.paint(job: instance.job, instance: instance.instance.text)
      + "  \(TimeFormat.local(instance.createdAt))  \(state)\n"
  }

  private static func text(_ value: InstanceComparison.Fact.Value) -> String {
    switch value {
    case .text(let text): text ?? "(none)"
    case .words(let words): ShellWord.line(words)
    case .duration(let time): time.map(DurationText.short) ?? TimeFormat.notAvailable
    case .bytes(let count): count.map(TimeFormat.bytes) ?? TimeFormat.notAvailable
    case .count(let count): count.map(String.init) ?? TimeFormat.notAvailable
    }
  }

  /// - Parameter stream: nil for both as they came.
  package func stream(_ stream: OutputStream?) -> PrintableText {
    palette.paint(stream?.name ?? "output", .heading) + "\n"
  }

  /// `@@ -12,7 +12,9 @@`, counted from 1, as in diff(1).
  package func hunk(old: Range<Int>, new: Range<Int>) -> PrintableText {
    palette.paint("@@ -\(Self.range(old)) +\(Self.range(new)) @@", .instanceID) + "\n"
  }

  private static func range(_ range: Range<Int>) -> String {
    let start = range.isEmpty ? range.lowerBound : range.lowerBound + 1
    return range.count == 1 ? "\(start)" : "\(start),\(range.count)"
  }

  /// A line with its sign. What is marked stands in brackets where there are no colours: `[-old-]`, `{+new+}`.
  package func line(
    _ kind: LineKind, _ bytes: ArraySlice<UInt8>, isCut: Bool, marked: [Range<Int>]
  ) -> PrintableText {
    let sign = kind == .same ? " " : kind == .removed ? "-" : "+"
    let end: PrintableText = isCut ? " ...\n" : "\n"
    guard kind != .same else { return PrintableText(sign) + ForeignLine.text(bytes, palette) + end }
    let tone: Tone = kind == .removed ? .removed : .added
    if palette.isColored, marked.isEmpty {
      return palette.paint(sign, tone)
        + ForeignLine.text(bytes, marked: [0..<bytes.count], as: tone, palette) + end
    }
    let marks = kind == .removed ? ("[-", "-]") : ("{+", "+}")
    return palette.paint(sign, tone)
      + ForeignLine.text(bytes, marked: marked, as: tone, between: marks, palette) + end
  }
}
