internal import Digests
internal import Events
internal import HTTPTypes
internal import Page

/// The page for browsers, made ready once: its files are below a name that changes with any of them, so that a browser may keep
/// them for good, and asks for the document alone again.
struct PageText: Sendable {
  /// The digest over all files, as a name.
  let version: String
  let document: [UInt8]
  private let files: [String: PageFiles.File]

  init() {
    var all: [UInt8] = []
    for file in [PageFiles.document] + PageFiles.others {
      all += Array("\(file.name) \(file.bytes.count)\n".utf8) + file.bytes
    }
    let version = String("\(Digest(of: all))".prefix(16))
    self.version = version
    document = Array(
      String(decoding: PageFiles.document.bytes, as: UTF8.self)
        .split(separator: "{version}", omittingEmptySubsequences: false).joined(separator: version)
        .utf8)
    files = Dictionary(PageFiles.others.map { ($0.name, $0) }) { first, _ in first }
  }

  func file(_ name: String, version: String) -> PageFiles.File? {
    version == self.version ? files[name] : nil
  }
}

extension Route {
  private static let text = PageText()

  /// Nothing but what the server itself serves is shown, run or asked, and no other page shows this one.
  private static let policy =
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

  /// The page. Everybody may have it: what it shows it asks for, and who needs a token is asked for one by it.
  static func page(_ services: Services) -> Route {
    Route("/").get(.everybody) { request in
      try request.query.finish()
      let tag = "\"\(text.version)\""
      var answer = Answer(type: PageFiles.document.type, bytes: text.document)
      if request.headers[values: .ifNoneMatch].contains(where: { $0.contains(tag) }) {
        answer = Answer(status: .notModified)
      }
      answer.headers[.eTag] = tag
      answer.headers[.cacheControl] = "no-cache"
      answer.headers[.contentSecurityPolicy] = policy
      answer.headers[.named("Referrer-Policy")] = "no-referrer"
      return answer
    }
  }

  /// A file of the page, of this version alone.
  static func pageFile(_ services: Services) -> Route {
    Route("/page/{version}/{file}").get(.everybody) { request in
      try request.query.finish()
      guard let file = text.file(request["file"], version: request["version"]) else {
        throw Problem.notFound("there is no \(Problem.quoted(request.path)); / names what there is")
      }
      var answer = Answer(type: file.type, bytes: file.bytes)
      answer.headers[.cacheControl] = "public, max-age=31536000, immutable"
      answer.headers[.eTag] = "\"\(text.version)\""
      answer.headers[.contentSecurityPolicy] = policy
      return answer
    }
  }
}
