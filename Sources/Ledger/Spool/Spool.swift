package import Events
internal import Glibc
package import Linux

/// One runner keeps here the events that it could not append, in order, until it or somebody else can.
/// Used by one thread at a time.
package final class Spool {
  private let places: SpoolPlaces
  private let instance: InstanceID
  private var files: [(file: SpoolFile, place: Int)] = []
  /// Places that others have taken, so that this instance is kept elsewhere or nowhere.
  package private(set) var takenPlaces: [Distrust] = []

  /// Output is kept up to here, for each instance.
  private static let outputLimit: Int64 = 16 << 20

  /// - Parameter isSafe: false where the ledger's directory was refused as not this user's alone.
  package init(_ directory: LedgerDirectory, _ instance: InstanceID, isSafe: Bool = true) {
    places = SpoolPlaces(directory, isSafe: isSafe)
    self.instance = instance
  }

  /// Sets disk space aside beside the ledger: a disk that the job itself fills still takes the record of how it ended.
  /// Where that cannot be, the other places have to do.
  package func reserve() { if files.isEmpty { _ = open(after: -1, limit: 1) } }

  /// The file where the events are, or are going to be; nil while that is nowhere.
  package var path: String? {
    (files.first { $0.file.size > 0 } ?? files.last)?.file.path
  }

  package var isEmpty: Bool { files.allSatisfy { $0.file.size == 0 } }

  /// Appends one event.
  /// - Parameter stream: whose events they are; a file that begins now says how far it had come.
  /// - Throws: what the last place says where none takes it; nothing is kept then.
  package func append(_ event: NewEvent, of stream: InstanceStream) throws(SystemCallError) {
    let line = SpoolLine.text(event)
    let usesReserve = event.output == nil && event.kind != .warning
    var failure = SystemCallError("write", places.all.first?.path, .noSpace)
    if event.output != nil, files.last.map({ $0.file.size > Self.outputLimit }) ?? false {
      throw failure
    }
    var last = files.last ?? open(after: -1)
    while let current = last {
      do throws(SystemCallError) {
        if current.file.size == 0 {
          try current.file.append(
            SpoolLine.text(SpoolLine.Header(stream)), usesReserve: usesReserve)
        }
        return try current.file.append(line, usesReserve: usesReserve)
      } catch { failure = error }
      // Output that fills one disk is not worth the memory that the other places mostly are.
      if event.output != nil, failure.errno == .noSpace || failure.errno == .quotaExceeded {
        throw failure
      }
      last = open(after: current.place)
    }
    throw failure
  }

  private func open(after place: Int, limit: Int = .max) -> (file: SpoolFile, place: Int)? {
    for index in places.all.indices.dropFirst(place + 1).prefix(limit) {
      guard let folder = make(places.all[index]), let file = try? SpoolFile(instance, in: folder)
      else { continue }
      files.append((file, index))
      return (file, index)
    }
    return nil
  }

  private func make(_ place: SpoolPlace) -> Folder? {
    do throws(Folder.Refusal) { return try place.make { takenPlaces.append($0) } } catch {
      // A variable that names somebody else's directory is no trouble: su(1) leaves it so.
      if case .distrusted(let distrust) = error, place.kind != .private {
        takenPlaces.append(distrust)
      }
      return nil
    }
  }

  /// Puts what was appended on disk, in files that will be found.
  package func sync() throws(SystemCallError) {
    for index in files.indices where files[index].file.hasLostItsName { replace(index) }
    for file in files where file.file.size > 0 { try file.file.sync() }
  }

  /// Somebody has removed the file. Where no place takes another, it is there as long as the run.
  private func replace(_ index: Int) {
    for place in places.all.indices.dropFirst(files[index].place) {
      guard let folder = make(places.all[place]), let file = try? SpoolFile(instance, in: folder),
        (try? file.replace(files[index].file)) != nil
      else { continue }
      files[index] = (file, place)
      return
    }
  }

  /// The next of what was appended, for one turn of the queue; none when all was read.
  package func nextBatch() throws(SystemCallError) -> [NewEvent] {
    for file in files {
      let batch = try file.file.nextBatch()
      guard batch.isEmpty else { return batch }
    }
    return []
  }

  /// Forgets what was appended, once it is in the ledger.
  package func clear() {
    for file in files { file.file.remove() }
    files = []
    reserve()
  }
}
