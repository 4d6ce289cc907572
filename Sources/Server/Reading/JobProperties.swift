internal import Events
internal import Linux
internal import Logging
internal import Settings
internal import Synchronization

/// The properties of jobs that `jobs.yaml` has. The file is looked for as `taro.yaml` is, at most once a second, and
/// taken in when it has changed.
///
/// To be asked on a reader's thread: it opens files. The lock is held meanwhile, so that all who ask at first wait for the same
/// look.
final class JobProperties: Sendable {
  /// The interval of looks, microseconds.
  private static let interval: Int64 = 1_000_000

  struct Known: Sendable {
    /// The number of the file that was read: another number, another file.
    fileprivate(set) var generation: Int64 = 0
    /// The ids of the jobs, in the order of bytes.
    fileprivate(set) var ids: [String] = []
    fileprivate var properties: [[UInt8]: [JSON.Member]] = [:]

    func names(_ job: String) -> Bool { properties[Array(job.utf8)] != nil }

    /// Returns the properties of a job; empty where the file does not name it.
    func properties(of job: String) -> JSON {
      properties.isEmpty ? .object([]) : .object(properties[Array(job.utf8)] ?? [])
    }
  }

  private struct State {
    var known = Known()
    var path: String?
    var bytes: [UInt8] = []
    var lookedAt: MonotonicTime?
    var complaint: String?
  }

  private let state = Mutex(State())

  func current(_ logger: Logger) -> Known {
    let now = MonotonicTime.now
    return state.withLock { state in
      if let lookedAt = state.lookedAt, now - lookedAt < Self.interval { return state.known }
      state.lookedAt = now
      do throws(ConfigurationError) { try Self.look(&state) } catch {
        // The log says it once; what was known goes on to count.
        let complaint = "\(error)"
        if state.complaint != complaint {
          logger.warning(
            "jobs.yaml is not used as it is", metadata: ["error": .string(complaint)])
        }
        state.complaint = complaint
        return state.known
      }
      state.complaint = nil
      return state.known
    }
  }

  private static func look(_ state: inout State) throws(ConfigurationError) {
    let file = try ConfigurationLookup().find(JobsFile.fileName).file
    guard file?.path != state.path || (file?.bytes ?? []) != state.bytes else { return }
    let jobs = try file.map { file throws(ConfigurationError) in try JobsFile(file) }?.jobs ?? []
    (state.path, state.bytes) = (file?.path, file?.bytes ?? [])
    var known = Known()
    known.generation = state.known.generation + 1
    known.ids = jobs.map(\.id).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    for job in jobs { known.properties[Array(job.id.utf8)] = job.properties }
    state.known = known
  }
}
