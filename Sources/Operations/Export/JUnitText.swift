internal import Documents
internal import Events
internal import Linux

/// JUnit's XML: a suite a job, a case a run.
enum JUnitText {
  static let beginning = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
  static let ending = "</testsuites>\n"

  /// The runs of a job, counted by how they ended.
  struct Counts {
    var tests = 0
    var failures = 0
    var errors = 0
    var skipped = 0
    /// Microseconds.
    var time: Int64 = 0
    var first: WallTime?

    mutating func add(
      _ state: InstanceState, isRehearsal: Bool, run: Int64?, createdAt: WallTime
    ) {
      tests += 1
      time &+= run ?? 0
      first = min(first ?? createdAt, createdAt)
      switch Verdict(state, isRehearsal: isRehearsal) {
      case .passed: break
      case .failure: failures += 1
      case .error: errors += 1
      case .skipped: skipped += 1
      }
    }
  }

  private enum Verdict: String {
    case passed, failure, error, skipped

    init(_ state: InstanceState, isRehearsal: Bool) {
      switch state {
      case _ where isRehearsal: self = .skipped
      case .failed, .interrupted: self = .failure
      case .startFailed, .error, .lost: self = .error
      default: self = state.group == .completed ? .passed : .skipped
      }
    }
  }

  static func beginSuite(_ job: String, _ counts: Counts) -> String {
    let start = counts.first.map { " timestamp=\"\(Timestamp.rfc3339($0).prefix(19))\"" } ?? ""
    return
      "<testsuite name=\"\(text(job))\" tests=\"\(counts.tests)\" failures=\"\(counts.failures)\" "
      + "errors=\"\(counts.errors)\" skipped=\"\(counts.skipped)\" time=\"\(seconds(counts.time))\"\(start)>\n"
  }

  static let endSuite = "</testsuite>\n"

  static func beginCase(_ instance: InstanceDocument) -> String {
    var xml =
      "<testcase name=\"\(text(instance.instance.text))\" classname=\"\(text(instance.job))\" "
      + "time=\"\(seconds(instance.run ?? 0))\">\n"
    let verdict = Verdict(instance.state, isRehearsal: instance.launch.isDryRun)
    guard verdict != .passed else { return xml }
    let message = [instance.state.rawValue, instance.reason ?? exit(instance)].compactMap { $0 }
      .joined(separator: ": ")
    xml += "<\(verdict.rawValue) message=\"\(text(message))\""
    if verdict != .skipped { xml += " type=\"\(text(instance.state.rawValue))\"" }
    return xml + "/>\n"
  }

  private static func exit(_ instance: InstanceDocument) -> String? {
    instance.exitCode.map { "exit code \($0)" } ?? instance.signal.map { "SIG\($0)" }
  }

  static func output(_ name: String, _ content: String) -> String {
    content.isEmpty ? "" : "<\(name)>\(text(content))</\(name)>\n"
  }

  static let endCase = "</testcase>\n"

  private static func seconds(_ microseconds: Int64) -> String {
    "\(Double(microseconds) / 1_000_000)"
  }

  /// XML 1.0 has no way to write most control characters.
  static func text(_ content: String) -> String {
    var xml = ""
    for scalar in content.unicodeScalars {
      switch scalar {
      case "&": xml += "&amp;"
      case "<": xml += "&lt;"
      case ">": xml += "&gt;"
      case "\"": xml += "&quot;"
      case "\n": xml += "&#10;"
      case "\t": xml += "&#9;"
      case "\r": xml += "&#13;"
      default:
        let isAllowed = scalar.value >= 0x20 && scalar.value != 0xfffe && scalar.value != 0xffff
        let isSafe = isAllowed && !EscapedText.acts(scalar)
        xml.unicodeScalars.append(isSafe ? scalar : "\u{fffd}")
      }
    }
    return xml
  }
}
