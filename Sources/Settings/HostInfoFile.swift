/// The file `hostinfo`: what whoever runs a host says of it. INI: `name=value` below `[const]`.
package struct HostInfoFile: Sendable {
  package static let fileName = "hostinfo"

  /// Names in the case and order of the file.
  package private(set) var constants: [(name: String, value: String)] = []
  /// Sections that are there and not understood: the original's `[ec2]`.
  package private(set) var otherSections: [String] = []

  /// - Throws: lines that are neither a section, a comment nor `name=value`, all of them at once.
  package init(_ file: ConfigurationFile) throws(ConfigurationError) {
    var problems: [ConfigurationProblem] = []
    var section = ""
    let lines = String(decoding: file.bytes, as: UTF8.self).split(
      omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (index, line) in lines.enumerated() {
      let line = Self.trimmed(line)
      if line.isEmpty || line.hasPrefix("#") || line.hasPrefix(";") { continue }
      if line.hasPrefix("["), line.hasSuffix("]") {
        section = String(line.dropFirst().dropLast())
        if section != "const" { otherSections.append(section) }
        continue
      }
      guard section == "const" || section.isEmpty else { continue }
      do throws(Refusal) { try take(line, section) } catch {
        problems.append(
          ConfigurationProblem(place: "\(file.path):\(index + 1)", message: error.reason))
      }
    }
    guard problems.isEmpty else { throw ConfigurationError(problems) }
  }

  private mutating func take(_ line: Substring, _ section: String) throws(Refusal) {
    guard !section.isEmpty else { throw Refusal("it is in no section; [const] has to come first") }
    guard let separator = line.firstIndex(where: { $0 == "=" || $0 == ":" }),
      separator != line.startIndex
    else { throw Refusal("it is no name=value") }
    let name = String(Self.trimmed(line[..<separator]))
    guard !constants.contains(where: { $0.name == name }) else {
      throw Refusal("\(SettingError.quoted(name)) is there twice")
    }
    constants.append((name, String(Self.trimmed(line[line.index(after: separator)...]))))
  }

  private static func trimmed(_ text: Substring) -> Substring {
    let start = text.drop { $0.isWhitespace }
    guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
    return start[...last]
  }
}
