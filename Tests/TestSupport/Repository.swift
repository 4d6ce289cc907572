/// The files that the tests were built from.
package enum Repository {
  package static func path(_ relative: String) -> String {
    // This file is Tests/TestSupport/Repository.swift.
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    return "/\(root)/\(relative)"
  }
}
