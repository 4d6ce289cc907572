package import Events

/// A document, and the host that it is of, as that was asked for.
package struct Hosted<Document> {
  package let host: String
  package let document: Document

  package init(_ host: String, _ document: Document) {
    self.host = host
    self.document = document
  }
}

extension Hosted: Equatable where Document: Equatable {}
extension Hosted: Sendable where Document: Sendable {}

extension Hosted where Document == JSON {
  /// The document with `host` before all else. A host that it names itself is its `recorded_host` then.
  package var json: JSON {
    var members = [JSON.Member("host", .string(host))]
    for member in document.members ?? [] {
      members.append(member.key == "host" ? JSON.Member("recorded_host", member.value) : member)
    }
    return .object(members)
  }
}

/// Reads documents out of the lines of an answer.
package enum AnswerDocument {
  /// - Throws: that it does not fit, as a failure of the host that gave it.
  package static func read<Document>(
    _ line: [UInt8], _ make: (JSON) throws -> Document
  ) throws(HostFailure) -> Document {
    let json: JSON
    do throws(JSON.SyntaxError) {
      json = try JSON(parsing: String(decoding: line, as: UTF8.self))
    } catch { throw HostFailure(.answer, "it is no JSON: \(error)") }
    do { return try make(json) } catch {
      throw HostFailure(.answer, "a document does not fit: \(error)")
    }
  }
}
