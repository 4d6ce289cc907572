/// The two streams of a job.
package enum OutputStream: UInt8, Sendable, CaseIterable {
  case stdout = 0
  case stderr = 1

  /// As documents and people write it.
  package var name: String { self == .stdout ? "stdout" : "stderr" }

  package init?(name: String) {
    guard let stream = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = stream
  }
}
