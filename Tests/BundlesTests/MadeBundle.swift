import Documents
import Events
import Glibc
import Ledger
import Linux
import Operations
import TestSupport
import Testing

@testable import Bundles

/// A ledger in which two runs ran beside each other, and bundles of them.
struct MadeBundle {
  static let first = "06h0d1qcrty15cma"
  static let second = "06h0d1qcrty15cmb"

  let session: LedgerSession
  private let directory: String

  /// - Parameter secret: what the second run prints.
  init(_ name: String = "made", secret: String = "other") throws {
    directory = "\(TemporaryDirectory.path)/\(name)"
    guard mkdir(directory, 0o700) == 0 else { throw SystemCallError("mkdir", directory) }
    let ledger = LedgerDirectory("\(directory)/ledger")
    let writer = try LedgerWriter(ledger)
    let one = try #require(InstanceID(Self.first))
    let two = try #require(InstanceID(Self.second))
    func event(
      _ instance: InstanceID, _ kind: EventKind, _ data: JSON = .object([]), _ text: String? = nil
    ) -> NewEvent {
      let chunk = text.map { Sample.chunk(Array($0.utf8)) }
      var totals = OutputTotals()
      if let text {
        totals.stdoutBytes = Int64(text.utf8.count / 2)
        totals.stderrBytes = Int64(text.utf8.count) - totals.stdoutBytes
      }
      return History.event(
        instance, kind, text == nil ? data : totals.json, job: instance == one ? "a" : "b",
        output: chunk)
    }
    var created = Created()
    created.command = ["echo", "<b>&\"'\u{1b}[31m"]
    try writer.append([
      event(two, .state(.created), created.json), event(one, .state(.created), created.json),
      event(one, .state(.running)), event(two, .state(.running)),
      event(one, .output, .null, "hello <script>\n"), event(two, .output, .null, secret),
      event(one, .output, .null, "again\u{0}\u{ff}\n"), event(one, .state(.completed)),
      event(two, .state(.failed)),
    ])
    session = try LedgerSession(ledger)
  }

  func make(
    _ name: String = "run.tar", of job: String = "a", _ extent: RunBundle.Extent = .init(),
    sign: ((String) throws -> String)? = nil
  ) throws -> String {
    let path = "\(directory)/\(name)"
    let record = try session.instance(named: job)
    _ = try RunBundle(of: record, in: session, extent).make(
      path, by: RunBundle.Maker(.thisProcess(), version: "0", howToCheck: "So."), sign: sign)
    return path
  }

  func head() throws -> ChainPosition {
    let head = try session.reader.head()
    return ChainPosition(seq: head.seq, digest: head.digest)
  }

  /// The content of its members.
  static func members(of path: String) throws -> [(BundleMember, [UInt8])] {
    let file = try BundleFile.open(path)
    return try file.parts.map { part in
      (part.member, try RawIO.read(file.fd, Int(part.size), at: part.offset))
    }
  }

  /// Somebody who knows the format makes one of other members, and a manifest that fits.
  func forge(_ members: [(BundleMember, [UInt8])], _ name: String) throws -> String {
    let path = "\(directory)/\(name)"
    unlink(path)
    var writer = try BundleWriter(
      path,
      BundleManifest(
        version: "0", madeAt: WallTime(microseconds: 1_700_000_000_000_000), user: "", uid: 0,
        host: ""))
    for (member, bytes) in members where member.isInManifest {
      try writer.begin(member)
      try bytes.withUnsafeBytes { bytes throws in try writer.write(bytes) }
      try writer.end()
    }
    _ = try writer.finish()
    return path
  }
}
