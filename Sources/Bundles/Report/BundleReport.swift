package import Documents
package import Events
internal import Linux

/// `report.html`: the run for who reads no JSON. A static page: no script, nothing from elsewhere, and a policy that forbids both.
/// It is written from top to bottom.
package struct BundleReport {
  private let instance: InstanceDocument
  private let head: ChainPosition
  private let madeAt: WallTime
  private let howToCheck: String
  private let note: String?
  private var rows = 0
  private var createdMono: BootTime?

  /// Rows of the table of events.
  package static let rowLimit = 2000
  /// Characters of an event's data in it.
  private static let dataLimit = 4000

  /// - Parameters:
  ///   - howToCheck: a sentence for whoever reads it.
  ///   - note: which of the run's events are in the bundle, where the document tells of others.
  package init(
    _ instance: InstanceDocument, head: ChainPosition, madeAt: WallTime, howToCheck: String,
    note: String? = nil
  ) {
    self.instance = instance
    self.head = head
    self.madeAt = madeAt
    self.howToCheck = howToCheck
    self.note = note
  }

  private static let style = """
    body{font:15px/1.5 system-ui,sans-serif;max-width:70em;margin:2em auto;padding:0 1em;color:#1b1b1b;background:#fff}\
    h1{font-size:1.5em}h2{font-size:1.15em;margin-top:2em}table{border-collapse:collapse;width:100%}\
    th,td{text-align:left;vertical-align:top;padding:.2em .8em .2em 0;border-bottom:1px solid #ddd}\
    td.data,pre{font:13px/1.45 ui-monospace,monospace;white-space:pre-wrap;overflow-wrap:anywhere}\
    pre{background:#f6f6f6;padding:1em;margin:0}pre span{color:#a40000}i{font-style:normal;color:#888}
    """

  /// Up to the first row of the table of events.
  package var beginning: String {
    let title = HTMLText.of(instance.name)
    var html = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(title)</title>
      <style>\(Self.style)</style>
      </head>
      <body>
      <h1>\(title): \(HTMLText.of(instance.state.rawValue))</h1>
      <table>

      """
    for (name, value) in facts {
      html += "<tr><th scope=\"row\">\(name)</th><td>\(HTMLText.of(value))</td></tr>\n"
    }
    return html + """
      </table>
      <h2>Events</h2>
      <table>
      <tr><th>seq</th><th>time (UTC)</th><th>after</th><th>event</th><th>data</th></tr>

      """
  }

  private var facts: [(String, String)] {
    var facts: [(String, String)] = []
    func add(_ name: String, _ value: String?) {
      if let value, !value.isEmpty { facts.append((name, value)) }
    }
    add("In this bundle", note)
    add("Reason", instance.reason)
    add("Command", ShellWord.line(instance.command))
    add("Directory", instance.cwd)
    add("User", "\(instance.user) (\(instance.uid)) on \(instance.host)")
    add("Started by", instance.parent)
    add("Created", Timestamp.rfc3339(instance.createdAt))
    add("Started", instance.startedAt.map(Timestamp.rfc3339))
    add("Ended", instance.endedAt.map(Timestamp.rfc3339) ?? "not yet, when this was made")
    add("Ran", instance.run.map(Self.seconds))
    add("Exit code", instance.exitCode.map(String.init))
    add("Killed by", instance.signal.map { "SIG\($0)" })
    if let usage = instance.usage {
      add(
        "Processor time",
        "\(Self.seconds(usage.userMicroseconds)) user, \(Self.seconds(usage.systemMicroseconds)) system"
      )
      add("Memory at most", usage.maxRSSBytes.map { "\($0) bytes" })
    }
    if let output = instance.output {
      add(
        "Output",
        "\(output.totals.stdoutBytes) bytes on stdout, \(output.totals.stderrBytes) bytes on stderr, "
          + "\(output.totals.lines) lines")
    }
    add("Taro", instance.version)
    add("Ledger's head", head.description)
    add("Made", Timestamp.rfc3339(madeAt))
    return facts
  }

  private static func seconds(_ microseconds: Int64) -> String {
    "\(Double(microseconds) / 1_000_000) s"
  }

  /// A row of the table of events; nothing for output, and where there are too many.
  package mutating func row(_ event: Event) -> String {
    createdMono = createdMono ?? event.mono
    guard event.kind != .output else { return "" }
    rows += 1
    guard rows <= Self.rowLimit else {
      return rows == Self.rowLimit + 1
        ? "<tr><td colspan=\"5\">and more: events.jsonl has all</td></tr>\n" : ""
    }
    let data = event.data.prefix(Self.dataLimit)
    let more = data.endIndex == event.data.endIndex ? "" : "<i>…</i>"
    let after = createdMono.map { Self.seconds(event.mono - $0) } ?? ""
    return "<tr><td>\(event.seq)</td><td>\(Timestamp.rfc3339(event.at))</td><td>\(after)</td>"
      + "<td>\(HTMLText.of(event.kind.name))</td>"
      + "<td class=\"data\">\(HTMLText.of(String(data)))\(more)</td></tr>\n"
  }

  /// From the last row on.
  package func ending(_ output: OutputExcerpt) -> String {
    var html = "</table>\n<h2>Output</h2>\n"
    if output.beginning.isEmpty {
      html += "<p>There is none in this bundle.</p>\n"
    } else {
      html += "<p>What went to stderr is red.</p>\n\(Self.html(of: output))"
    }
    return html + """
      <p>This page was made from the ledger's events; what proves them is beside it. \(HTMLText.of(howToCheck))</p>
      </body>
      </html>

      """
  }

  static func html(of output: OutputExcerpt) -> String {
    var html = "<pre>"
    if output.left > 0 {
      append(output.beginning, to: &html)
      html += "</pre>\n<p>\(output.left) bytes between are in output/all.</p>\n<pre>"
      append(output.end, to: &html)
    } else {
      append(output.beginning + output.end, to: &html)
    }
    return html + "</pre>\n"
  }

  private static func append(_ stretches: [OutputExcerpt.Stretch], to html: inout String) {
    var rest = stretches[...]
    while let stream = rest.first?.stream {
      // Together: a character may be in two of them.
      let together = rest.prefix { $0.stream == stream }
      rest = rest.dropFirst(together.count)
      if stream == .stderr { html += "<span>" }
      HTMLText.append(String(decoding: together.flatMap(\.bytes), as: UTF8.self), to: &html)
      if stream == .stderr { html += "</span>" }
    }
  }
}
