internal import Events
internal import Synchronization

/// Limits how fast each token may ask: so many requests at once, and then so many a second.
final class RateLimit: Sendable {
  private struct Bucket {
    var level: Double
    var at: MonotonicTime
  }

  private let rate: Double
  private let burst: Double
  private let buckets = Mutex<[Digest: Bucket]>([:])

  init(perSecond rate: Int, burst: Int) {
    self.rate = Double(rate)
    self.burst = Double(burst)
  }

  /// Takes one; nil where there was one, else the seconds until there is.
  func take(_ token: Digest, at now: MonotonicTime) -> Int? {
    buckets.withLock { buckets in
      var bucket = buckets[token] ?? Bucket(level: burst, at: now)
      bucket.level = min(burst, bucket.level + Double(now - bucket.at) / 1_000_000 * rate)
      bucket.at = now
      defer { buckets[token] = bucket }
      if bucket.level >= 1 {
        bucket.level -= 1
        return nil
      }
      return max(1, Int(((1 - bucket.level) / rate).rounded(.up)))
    }
  }

  /// Forgets the tokens that are not there any more.
  func keep(_ tokens: Set<Digest>) {
    buckets.withLock { buckets in
      if buckets.count > tokens.count { buckets = buckets.filter { tokens.contains($0.key) } }
    }
  }
}
