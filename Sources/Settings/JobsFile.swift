package import Events

/// The file `jobs.yaml`: what whoever runs a host says of its jobs. The original's format: a list `jobs` of `job_id` and
/// `properties`.
package struct JobsFile: Equatable, Sendable {
  package static let fileName = "jobs.yaml"

  package struct Job: Equatable, Sendable {
    package let id: String
    package let properties: [JSON.Member]
  }

  /// In the order of the file, each id once.
  package private(set) var jobs: [Job] = []

  package init() {}

  /// - Throws: everything in it that is not understood, at once.
  package init(_ file: ConfigurationFile) throws(ConfigurationError) {
    let root: YAMLNode?
    do throws(YAMLError) { root = try YAMLReader.root(of: file.bytes) } catch {
      throw ConfigurationError("\(file.path):\(error.line)", error.reason)
    }
    guard let root, !root.isNull else { return }
    var reader = Reader(path: file.path)
    reader.read(root)
    guard reader.problems.isEmpty else { throw ConfigurationError(reader.problems) }
    jobs = reader.jobs
  }

  private struct Reader {
    let path: String
    var jobs: [Job] = []
    var ids: [[UInt8]: Int] = [:]
    var problems: [ConfigurationProblem] = []

    mutating func read(_ root: YAMLNode) {
      guard case .mapping(let entries) = root.value else {
        return refuse(root.line, "it is \(root.kindName), not a mapping with the key jobs")
      }
      for entry in entries {
        guard entry.key == "jobs" else {
          refuse(entry.line, "there is no key \(SettingError.quoted(entry.key)); accepted: jobs")
          continue
        }
        if entry.value.isNull { continue }
        guard case .sequence(let items) = entry.value.value else {
          refuse(entry.line, "jobs is \(entry.value.kindName), not a list")
          continue
        }
        for item in items { readJob(item) }
      }
    }

    private mutating func readJob(_ node: YAMLNode) {
      guard case .mapping(let entries) = node.value else {
        return refuse(node.line, "a job is \(node.kindName), not a mapping with the key job_id")
      }
      var id: String?
      var properties: [JSON.Member] = []
      for entry in entries {
        switch (entry.key, entry.value.value) {
        case ("job_id", .scalar(let text, _)) where !entry.value.isNull && !text.isEmpty: id = text
        case ("job_id", _): refuse(entry.line, "job_id has to be a text")
        case ("properties", .mapping(let entries)):
          properties = entries.map { JSON.Member($0.key, Self.json($0.value)) }
        case ("properties", _) where entry.value.isNull: break
        case ("properties", _): refuse(entry.line, "properties have to be a mapping")
        default:
          refuse(
            entry.line,
            "a job has no \(SettingError.quoted(entry.key)); accepted: job_id, properties")
        }
      }
      guard let id else {
        if !entries.contains(where: { $0.key == "job_id" }) {
          refuse(node.line, "job_id is missing")
        }
        return
      }
      // By bytes: that is how the ledger tells ids apart.
      if let first = ids.updateValue(node.line, forKey: Array(id.utf8)) {
        return refuse(
          node.line, "the job \(SettingError.quoted(id)) is there twice, first in line \(first)")
      }
      jobs.append(Job(id: id, properties: properties))
    }

    private mutating func refuse(_ line: Int, _ reason: String) {
      problems.append(ConfigurationProblem(place: "\(path):\(line)", message: reason))
    }

    private static func json(_ node: YAMLNode) -> JSON {
      switch node.value {
      case .sequence(let items): .array(items.map(json))
      case .mapping(let entries): .object(entries.map { JSON.Member($0.key, json($0.value)) })
      case .scalar(let text, isPlain: false): .string(text)
      case .scalar(let text, isPlain: true): plain(text, node)
      }
    }

    /// Returns the value that YAML takes a plain word for.
    private static func plain(_ text: String, _ node: YAMLNode) -> JSON {
      if node.isNull { return .null }
      if let bool = YAMLNode.bool(text) { return .bool(bool) }
      let digits = text.utf8.drop { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }
      guard let first = digits.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
        return .string(text)
      }
      if let number = Int64(text) { return .integer(number) }
      // 1e5 and 0x1F are words to many; what has a point is a number.
      let isDecimal = text.utf8.allSatisfy {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || ".-+eE".utf8.contains($0)
      }
      if isDecimal, text.contains("."), let number = Double(text), number.isFinite {
        return .number(number)
      }
      return .string(text)
    }
  }
}
