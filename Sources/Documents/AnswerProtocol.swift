package import Events

/// The agreement between who asks and who answers on another host: which commands there are, what their options mean and
/// what their documents have. It is told before an answer, so that who asks knows what the other side lacks.
package struct AnswerProtocol: Equatable, Sendable {
  /// The number that this version speaks. Fields and commands that are added raise no number; 0 is a version that does not
  /// tell any, 0.1.0.
  package static let current: Int64 = 1

  package var number: Int64
  /// The version of the program.
  package var version: String

  package init(number: Int64 = current, version: String) {
    self.number = number
    self.version = version
  }

  package var json: JSON {
    JSON(document: [("protocol", .integer(number)), ("version", .string(version))])
  }

  package init(_ json: JSON) throws(DocumentError) {
    let fields = try DocumentFields(json)
    number = try fields.integer("protocol")
    version = try fields.string("version")
  }
}
