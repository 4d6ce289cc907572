internal import ArgumentParser
internal import CommandLineKit
internal import Documents
internal import Events
internal import Fleet

/// Asks each host for one document.
enum OneDocument {
  /// A document over several lines is not larger.
  private static let limit = 4 << 20

  /// Hands each on, in the order of the hosts, when all have answered: one is short.
  static func ask<Document>(
    _ targets: FleetOptions.Targets, _ asking: Asking, make: @escaping (JSON) throws -> Document,
    show: ([(host: Int, document: Document)]) throws -> Void
  ) throws {
    let report = FleetReport(targets.hosts)
    let fan = FanOut(targets.hosts, targets.settings) { _ in asking }
    var texts: [Int: [UInt8]] = [:]
    var documents: [Int: Document] = [:]
    try fan.run { host, happening in
      switch happening {
      case .line(let bytes): texts[host, default: []] += bytes
      case .bytes(_, let bytes):
        texts[host, default: []] += bytes
        guard texts[host, default: []].count <= limit else {
          throw HostFailure(.answer, "a document is larger than \(limit >> 20) MiB")
        }
      case .ended(let outcome, let errors, let more):
        var outcome = outcome
        if case .answered(exitCode: 0) = outcome {
          do throws(HostFailure) {
            documents[host] = try AnswerDocument.read(texts[host] ?? [], make)
          } catch { outcome = .failed(error) }
        }
        texts[host] = nil
        report.take(host, outcome, errors: errors, more: more)
      case .begun: break
      }
    }
    try show(documents.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    try report.end()
    // Those that have answered have no such thing.
    guard !documents.isEmpty else { throw ExitCode(1) }
  }

  /// Writes them as one object over several lines.
  static func write(_ documents: [(host: String, json: JSON)], _ name: String) {
    let output = StandardOutput()
    let rows = documents.map { Hosted($0.host, $0.json).json }
    output.write(pretty: .object([JSON.Member(name, .array(rows))]))
    output.flush()
  }
}
