internal import Digests
internal import Events
internal import Linux

/// Computes the digests of a bundle's members, on a thread of its own while what they say is checked.
struct MemberDigests: ~Copyable {
  private typealias Outcome = Result<[BundleMember: Digest], SystemCallError>

  private let result: Monitor<Outcome>
  private let thread: WorkerThread?

  /// - Parameter fd: open until it has finished.
  init(of parts: [BundleFile.Part], _ fd: Int32) {
    let result = Monitor(Outcome.success([:]))
    self.result = result
    let work: @Sendable () -> Void = {
      let found = Self.digests(of: parts, fd)
      result.change { $0 = found }
    }
    // Where there can be no thread it takes longer.
    if let started = try? WorkerThread(work) {
      thread = consume started
    } else {
      thread = nil
      work()
    }
  }

  private static func digests(of parts: [BundleFile.Part], _ fd: Int32) -> Outcome {
    var digests: [BundleMember: Digest] = [:]
    for part in parts where part.member.isInManifest {
      var hash = SHA256Hash()
      do throws(SystemCallError) {
        try BundleFile.forEachPiece(fd, from: part.offset, count: part.size) { hash.update($0) }
      } catch { return .failure(error) }
      digests[part.member] = hash.finish()
    }
    return .success(digests)
  }

  consuming func finish() throws(SystemCallError) -> [BundleMember: Digest] {
    if let thread { thread.join() }
    return try result.change { $0 }.get()
  }
}
