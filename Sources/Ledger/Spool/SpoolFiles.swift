package import Events
package import Linux

/// The files of a ledger's spools, by their names.
package enum SpoolFiles {
  private static let suffix = ".jsonl"
  /// The suffix of a file that cannot be appended; it is left alone.
  package static let refusedSuffix = ".refused"

  static func name(of instance: InstanceID) -> String { "\(instance)\(suffix)" }

  static func instance(of name: String) -> InstanceID? {
    name.hasSuffix(suffix) ? InstanceID(String(name.dropLast(suffix.utf8.count))) : nil
  }

  /// Gives each directory that may have spools of the ledger, and is there, to `body`, open; false ends the search.
  package static func forEachFolder(
    _ directory: LedgerDirectory, thoroughly: Bool,
    _ body: (borrowing Folder) throws(LedgerError) -> Bool
  ) throws(LedgerError) {
    let places = SpoolPlaces(directory)
    var goesOn = true
    for place in places.all + places.former where goesOn {
      try place.forEachFolder(thoroughly: thoroughly) { folder throws(LedgerError) in
        goesOn = try body(folder)
        return goesOn
      }
    }
  }

  /// Tells whether there is anything for this ledger. One system call for each place where there is nothing.
  /// - Parameter thoroughly: where a stranger had taken the usual place, too: reads the names of /tmp.
  package static func areWaiting(_ directory: LedgerDirectory, thoroughly: Bool = false) -> Bool {
    var areWaiting = false
    try? forEachFolder(directory, thoroughly: thoroughly) { folder in
      areWaiting = folder.names.contains { isWanted($0, nil) }
      return !areWaiting
    }
    return areWaiting
  }

  /// Returns the paths of those of which not all could be taken in.
  package static func refused(_ directory: LedgerDirectory) -> [String] {
    var paths: [String] = []
    try? forEachFolder(directory, thoroughly: true) { folder in
      for name in folder.names where name.hasSuffix(refusedSuffix) {
        paths.append("\(folder.path)/\(name)")
      }
      return true
    }
    return paths
  }

  /// Tells whether a file of that name is to be taken in.
  /// - Parameter instance: nil for that of any.
  package static func isWanted(_ name: String, _ instance: InstanceID?) -> Bool {
    guard let instance else { return name.hasSuffix(suffix) || isAbandoned(name) }
    return name == Self.name(of: instance)
  }

  /// Tells whether the file had no events yet, and was left by a runner that was killed, where files cannot be
  /// nameless.
  package static func isAbandoned(_ name: String) -> Bool {
    name.hasPrefix(".") && InstanceID(String(name.dropFirst())) != nil
  }
}
