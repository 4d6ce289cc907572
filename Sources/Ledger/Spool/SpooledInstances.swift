package import Events
internal import Glibc
internal import Linux

/// Instances of which something waits in spools, and not in their ledger.
package struct SpooledInstances: Equatable, Sendable {
  package private(set) var instances: Set<InstanceID> = []
  /// The directories that they are in.
  package private(set) var directories: [String] = []

  package var count: Int { instances.count }
  /// The time at which the first of them was created.
  package var oldest: WallTime? { instances.min()?.createdAt }

  /// Looks at names alone, and at who has them locked.
  /// - Parameter countsLive: of runners that are there too, which may append them yet.
  package init(of directory: LedgerDirectory, countsLive: Bool = false) {
    let places = SpoolPlaces(directory, isSafe: directory.isOurs)
    for place in places.all + places.former {
      try? place.forEachFolder(thoroughly: true) { folder in
        let found = folder.names.filter { countsLive || !Self.isLocked($0, in: folder) }
          .compactMap(SpoolFiles.instance)
        if !found.isEmpty { directories.append(folder.path) }
        instances.formUnion(found)
        return true
      }
    }
  }

  private static func isLocked(_ name: String, in folder: borrowing Folder) -> Bool {
    guard let file = try? folder.open(name, O_RDWR | O_NONBLOCK) else { return false }
    return ByteLock.isHeld(file.fd, byte: 0)
  }
}
