/// A member of a bundle. Each stands in it at most once, in this order, and nothing else does.
package enum BundleMember: String, CaseIterable, Sendable {
  case events = "events.jsonl"
  case output = "output/all"
  case pieces = "output/pieces.jsonl"
  /// The events between those of the run and behind them, where the bundle proves it.
  case chain = "chain.jsonl"
  case proof = "proof.json"
  case host = "host.json"
  case report = "report.html"
  case manifest = "manifest.json"
  case signature = "manifest.json.sig"

  package var name: String { rawValue }

  /// True for what every bundle has.
  package var isRequired: Bool { self != .chain && self != .signature }

  /// True for members whose digests the manifest has.
  package var isInManifest: Bool { self != .manifest && self != .signature }
}

/// The format of bundles.
package enum BundleFormat {
  package static let version: Int64 = 1
  /// The purpose that ssh-keygen signs for: a signature for something else is none for a bundle.
  package static let namespace = "taro-bundle"
  /// Members that are read whole are not larger.
  static let smallMember: Int64 = 4 << 20
  /// Lines are not longer: an event's data can be a command line of some megabytes.
  static let longestLine = 64 << 20
}

/// The reason that something is no bundle, or not the one that was made.
package struct BundleRefusal: Error, Equatable, Sendable {
  package let reason: String
  package init(_ reason: String) { self.reason = reason }
}
