package import Events

/// A question to a host: the words for the program on the far side, and the same over HTTP.
package struct Asking: Equatable, Sendable {
  /// The form in which the answer is read.
  package enum Form: Equatable, Sendable {
    /// A document a line, an end in sight.
    case documents
    /// The same, without an end.
    case stream
    /// Bytes as they are, of both streams; they end when they end.
    case bytes
    /// One text, an end in sight.
    case text
  }

  /// The words behind the program's name.
  package var arguments: [[UInt8]]
  package var form: Form
  /// Once it has begun it may take as long as it wants.
  package var isEndless: Bool
  /// A job is started there, which gets what is in the environment. Of everything else the far side is told that it comes
  /// by ssh: that is recorded with requests, and what one host does not know is no slip of who asks many.
  package var startsJob = false
  /// The end of the ledger is asked for first, and told with the beginning of the answer: ``position`` stands for it.
  package var needsPosition = false
  package var http: HTTPAsking
  /// The command is about a ledger, and takes the option that names it.
  package var takesLedger = true
  /// In place of the program: lines of a script for sh(1).
  package var script: String?

  package init(
    _ arguments: [String], _ form: Form = .documents, http: HTTPAsking
  ) {
    self.arguments = arguments.map { Array($0.utf8) }
    self.form = form
    isEndless = form == .stream || form == .bytes
    self.http = http
  }

  /// The same question, as of a moment: a time (RFC 3339) or a position.
  package func asOf(_ moment: String) -> Asking {
    var asking = self
    asking.arguments.insert(Array("--as-of=\(moment)".utf8), at: min(1, arguments.count))
    for index in asking.http.steps.indices {
      let target = asking.http.steps[index].target
      asking.http.steps[index].target +=
        (target.contains("?") ? "&" : "?") + "as_of=\(HTTPCommand.encoded(moment))"
    }
    return asking
  }

  /// A word that stands for the end of the ledger.
  package static let position = String(decoding: FarCommand.positionOfPreparation, as: UTF8.self)

  /// Puts the position at which the ledger ends where ``position`` is; 0 where there is none yet.
  private static let positionScript =
    #"s=$("$t" ledger head"# + "LEDGER" + #" 2>/dev/null </dev/null); s=${s##*@}; s=${s:-0}"#

  /// The command for the host's shell.
  func command(for host: FleetHost, program: String, marker: String) -> [UInt8] {
    if let script {
      return FarCommand.running(
        script: Array("printf '\\n%s [] -\\n' \(marker)\n\(script)".utf8))
    }
    let ledger = takesLedger ? host.ledger.map { ["--ledger", $0] } ?? [] : []
    // Options stand behind the command's name; what is behind -- is somebody else's.
    let words = Self.inserting(ledger.map { Array($0.utf8) }, into: arguments)
    let option = ledger.map {
      " " + String(decoding: FarCommand.quoted(Array($0.utf8)), as: UTF8.self)
    }
    .joined()
    return FarCommand.running(
      script: FarCommand.script(
        marker: marker, program: host.program ?? program, arguments: words,
        variables: startsJob ? [] : [EnvironmentVariable.via.assigned(Requester.Way.ssh.rawValue)],
        preparation: needsPosition
          ? Self.positionScript.replacing("LEDGER", with: option) : ""))
  }

  private static func inserting(_ options: [[UInt8]], into words: [[UInt8]]) -> [[UInt8]] {
    guard let command = words.first, command.first != UInt8(ascii: "-") else { return words }
    return [command] + options + words.dropFirst()
  }
}

/// The same, asked over HTTP: one request after the other.
package struct HTTPAsking: Equatable, Sendable {
  package typealias Form = Asking.Form

  package enum Shape: Equatable, Sendable {
    /// Pages of `_embedded`, whose members of that name are documents.
    case list(String)
    case document
    /// A document a line; of documents no more comes than of an answer.
    case lines(Form)
    case bytes
    /// A document whose `head` is a position, behind which the next step begins.
    case position
    /// Something is asked for: this is the line that says so.
    case done(String)
  }

  package struct Step: Equatable, Sendable {
    package var method = "GET"
    package var target: String
    package var body: JSON?
    package var shape: Shape

    package init(_ target: String, _ shape: Shape, method: String = "GET", body: JSON? = nil) {
      self.target = target
      self.shape = shape
      self.method = method
      self.body = body
    }
  }

  package var steps: [Step]
  /// The reason why a server cannot be asked this.
  package var refusal: String?
  /// More documents are not wanted.
  package var maximumRows: Int?

  package init(_ steps: [Step], maximumRows: Int? = nil) {
    self.steps = steps
    self.maximumRows = maximumRows
  }

  package static func impossible(_ reason: String) -> HTTPAsking {
    var asking = HTTPAsking([])
    asking.refusal = reason
    return asking
  }

  /// A path below the server's address, its parts encoded, with a query.
  package static func path(_ parts: [String], _ query: [(String, String?)] = []) -> String {
    "/" + parts.map(HTTPCommand.encoded).joined(separator: "/") + HTTPCommand.query(query)
  }
}
