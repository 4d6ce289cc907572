internal import Linux
package import Settings

/// The file `ssh.hosts` of the original client: INI, a host a line below its group. Hosts of `[all]` belong to every group.
package enum OriginalHostFile {
  package static let fileName = "ssh.hosts"
  private static let everyGroup = "all"

  /// Adds its hosts to what is known.
  /// - Throws: everything in it that cannot be used, at once.
  package static func read(
    _ file: ConfigurationFile, into book: inout HostBook
  ) throws(ConfigurationError) {
    var problems: [ConfigurationProblem] = []
    var group = everyGroup
    var found: [(group: String, host: FleetHost)] = []
    let lines = String(decoding: file.bytes, as: UTF8.self).split(
      omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (index, line) in lines.enumerated() {
      let line = line.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed()
      let text = String(line)
      if text.isEmpty || text.hasPrefix("#") || text.hasPrefix(";") { continue }
      let isHeading = text.hasPrefix("[") && text.hasSuffix("]")
      do throws(SSHAddress.Refusal) {
        if isHeading, InternetAddress(String(text.dropFirst().dropLast())) == nil {
          group = try SSHAddress(String(text.dropFirst().dropLast())).host
          if group != everyGroup { book.addGroup(group) }
        } else {
          found.append((group, FleetHost(text, .ssh(try SSHAddress(text)))))
        }
      } catch {
        problems.append(
          ConfigurationProblem(place: "\(file.path):\(index + 1)", message: error.description))
      }
    }
    guard problems.isEmpty else { throw ConfigurationError(problems) }
    for (group, host) in found {
      guard group == everyGroup else {
        book.put(host, into: group)
        continue
      }
      book.put(host, into: nil)
      for group in book.groups { book.put(host, into: group) }
    }
  }
}
