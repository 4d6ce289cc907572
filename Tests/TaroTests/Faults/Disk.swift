import Glibc
import Linux
import TestSupport

/// A disk that power is taken from: what is on it for certain, and what was on its way.
///
/// What is modelled, on the careful side of what ext4, XFS and Btrfs do:
/// - what was written to a file before fsync or fdatasync of it returned is there;
/// - of what was written to it since, each sector of 512 bytes is there or not, in whatever order, and so is each change
///   of its size; a sector that is not there inside the file's size has what it had before, or zeros;
/// - names (made, linked, renamed, removed) are there in order, as from a journal: those up to the last in a directory
///   whose fsync has returned, and any number of those after. The fsync of a file keeps no name, not even its own,
///   though with ext4 it would;
/// - what is mapped into memory and never synced, SQLite's -shm, has any bytes at all.
struct Disk {
  private enum Node {
    case file(Int)
    case directory
    case fifo
  }

  private enum Change {
    case write(offset: Int, [UInt8])
    case resize(Int)
  }

  private enum NameChange {
    case add(String, Node)
    case rename(String, String)
    case link(String, String)
    case remove(String)

    /// The directories whose fsync keeps it.
    var directories: [String] {
      switch self {
      case .add(let path, _), .remove(let path): [Disk.parent(of: path)]
      case .rename(let old, let new): [Disk.parent(of: old), Disk.parent(of: new)]
      case .link(_, let new): [Disk.parent(of: new)]
      }
    }
  }

  /// What of that which was on its way has arrived.
  enum Arrival: CaseIterable {
    case nothing
    case everything
    /// Files of which there is the name alone.
    case names
    /// A random part.
    case torn
  }

  /// A disk that lies: these files are never synced, whatever was asked for.
  var isLying: (String) -> Bool = { _ in false }

  private var files: [Int: [UInt8]] = [:]
  private var changes: [Int: [Change]] = [:]
  private var paths: [Int: String] = [:]
  private var names: [String: Node] = [:]
  private var nameChanges: [NameChange] = []

  fileprivate static func parent(of path: String) -> String {
    "/" + path.split(separator: "/").dropLast().joined(separator: "/")
  }

  mutating func apply(_ operation: DiskLog.Operation) {
    switch operation {
    case .create(let path, let inode):
      files[inode] = []
      paths[inode] = path
      if let path { nameChanges.append(.add(path, .file(inode))) }
    case .makeDirectory(let path): nameChanges.append(.add(path, .directory))
    case .makeFIFO(let path): nameChanges.append(.add(path, .fifo))
    case .write(let inode, let offset, let bytes):
      changes[inode, default: []].append(.write(offset: offset, bytes))
    case .resize(let inode, let size): changes[inode, default: []].append(.resize(size))
    case .sync(let inode):
      if let path = paths[inode], isLying(path) { return }
      for change in changes[inode] ?? [] { Self.apply(change, to: &files[inode, default: []]) }
      changes[inode] = nil
    case .syncNames(let directory):
      guard let last = nameChanges.lastIndex(where: { $0.directories.contains(directory) }) else {
        return
      }
      for change in nameChanges[...last] { Self.apply(change, to: &names) }
      nameChanges.removeFirst(last + 1)
    case .rename(let old, let new): nameChanges.append(.rename(old, new))
    case .link(let old, let new): nameChanges.append(.link(old, new))
    case .name(let inode, let path):
      paths[inode] = path
      nameChanges.append(.add(path, .file(inode)))
    case .unlink(let path): nameChanges.append(.remove(path))
    case .spawn, .say, .exit: break
    }
  }

  private static func apply(_ change: Change, to file: inout [UInt8]) {
    switch change {
    case .write(let offset, let bytes):
      grow(&file, to: offset + bytes.count)
      file.replaceSubrange(offset..<offset + bytes.count, with: bytes)
    case .resize(let size):
      grow(&file, to: size)
      file.removeLast(file.count - size)
    }
  }

  private static func grow(_ file: inout [UInt8], to size: Int) {
    if file.count < size { file += [UInt8](repeating: 0, count: size - file.count) }
  }

  private static func apply(_ change: NameChange, to names: inout [String: Node]) {
    switch change {
    case .add(let path, let node): names[path] = node
    case .rename(let old, let new):
      let node = names.removeValue(forKey: old)
      names[new] = node
    case .link(let old, let new): names[new] = names[old]
    case .remove(let path): names[path] = nil
    }
  }

  // MARK: After the power cut

  /// Makes the files as they are found when power is back.
  /// - Parameters:
  ///   - root: what the paths in the log begin with; `copy` takes its place.
  func restore(
    _ arrival: Arrival, from root: String, to copy: String,
    using generator: inout SeededGenerator
  ) throws {
    var names = names
    let arrived =
      switch arrival {
      case .nothing: 0
      case .everything, .names: nameChanges.count
      case .torn: generator.below(nameChanges.count + 1)
      }
    for change in nameChanges[..<arrived] { Self.apply(change, to: &names) }
    try makeDirectory(copy)
    // Directories come before what is in them.
    for (path, node) in names.sorted(by: { $0.key < $1.key }) {
      let target = copy + path.dropFirst(root.count)
      // Without its directory it cannot be found.
      guard Files.exists(Self.parent(of: target)) else { continue }
      switch node {
      case .directory: try makeDirectory(target)
      case .fifo: guard mkfifo(target, 0o600) == 0 else { throw SystemCallError("mkfifo", target) }
      case .file(let inode):
        try Files.write(contents(of: inode, path, arrival, &generator), to: target)
      }
    }
  }

  private func makeDirectory(_ path: String) throws {
    guard mkdir(path, 0o700) == 0 else { throw SystemCallError("mkdir", path) }
  }

  private func contents(
    of inode: Int, _ path: String, _ arrival: Arrival, _ generator: inout SeededGenerator
  ) -> [UInt8] {
    if path.hasSuffix("-shm") {
      let bytes = (0..<512).map { _ in UInt8(generator.below(256)) }
      return Array(repeatElement(bytes, count: 64).joined())
    }
    var file = files[inode] ?? []
    let changes = changes[inode] ?? []
    switch arrival {
    case .nothing, .names: break
    case .everything: for change in changes { Self.apply(change, to: &file) }
    case .torn:
      let percent = [10, 50, 90][generator.below(3)]
      for change in changes { Self.tear(change, into: &file, percent, &generator) }
    }
    return file
  }

  private static let sectorBytes = 512

  private static func tear(
    _ change: Change, into file: inout [UInt8], _ percent: Int, _ generator: inout SeededGenerator
  ) {
    switch change {
    case .resize: if generator.chance(percent) { apply(change, to: &file) }
    case .write(let offset, let bytes):
      // The size may have arrived without the bytes.
      if generator.chance(20) { grow(&file, to: offset + bytes.count) }
      var start = offset
      while start < offset + bytes.count {
        let end = min((start / sectorBytes + 1) * sectorBytes, offset + bytes.count)
        if generator.chance(percent) {
          apply(.write(offset: start, Array(bytes[start - offset..<end - offset])), to: &file)
        }
        start = end
      }
    }
  }
}
