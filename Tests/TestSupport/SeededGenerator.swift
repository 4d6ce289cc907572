internal import Linux

/// Random numbers that come again when the seed does (SplitMix64).
///
/// All generators of a run are made from one seed, `TARO_SEED`, and from what each is for. `make test` always has the
/// same one; `make faults` draws one and says it, and `make faults TARO_SEED=N` runs with it again.
package struct SeededGenerator: RandomNumberGenerator {
  /// The run's seed.
  package static let runSeed = Environment.value("TARO_SEED").flatMap { UInt64($0) } ?? 20_261_129

  private var state: UInt64

  /// - Parameter purpose: what the numbers are for: other purposes have other numbers.
  package init(for purpose: String) {
    // FNV-1a: Swift's own hashes differ from process to process.
    state = purpose.utf8.reduce(0xcbf2_9ce4_8422_2325 ^ Self.runSeed) { hash, byte in
      (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
    }
  }

  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  package mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &self) }

  package mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
}
