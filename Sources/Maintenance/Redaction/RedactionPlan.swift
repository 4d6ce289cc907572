internal import Digests
package import Events

/// The changes that are to be made in the events of one instance that has ended, and what these were when that was decided.
package struct RedactionPlan: Sendable {
  enum Change: Sendable {
    /// The event's data become this; with the digest of what they were.
    case data(String, was: Digest)
    /// Its output is cut; with its payload as it was.
    case output(OutputCuts, of: Digest)
  }

  package let job: String
  package let instance: InstanceID
  package let keepsLength: Bool
  /// The number of places.
  package var places: Int64 = 0
  /// By the event's `n`.
  private var data: [Int64: (new: String, was: Digest)] = [:]
  private var cuts: [Int64: OutputCuts] = [:]
  private var payloads: [Int64: Digest] = [:]

  package init(job: String, instance: InstanceID, keepsLength: Bool) {
    self.job = job
    self.instance = instance
    self.keepsLength = keepsLength
  }

  package var outputEvents: Int64 { Int64(cuts.count) }
  package var otherEvents: Int64 { Int64(data.count) }

  package mutating func change(_ event: Event, to new: String) {
    guard let n = event.n else { return }
    data[n] = (new, Digest(of: Array(event.data.utf8)))
  }

  package mutating func cut(_ cut: OutputCuts.Cut, of n: Int64, payload: Digest) {
    // In place: there may be a million of them.
    cuts[n, default: OutputCuts()].add(cut)
    payloads[n] = payload
  }

  /// Each `n` at which something is to be changed, in order.
  var positions: [Int64] { (Array(data.keys) + Array(cuts.keys)).sorted() }

  func change(at n: Int64) -> Change? {
    if let data = data[n] { return .data(data.new, was: data.was) }
    guard let cuts = cuts[n], let payload = payloads[n] else { return nil }
    return .output(cuts, of: payload)
  }
}
