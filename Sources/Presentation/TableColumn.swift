/// One column of a table.
package struct TableColumn<Row>: Sendable {
  package typealias Value = @Sendable (Row) -> String

  package let title: String
  /// The widest the column may be on a terminal that is too narrow for all, its two blanks included.
  package let maximumWidth: Int
  /// The width of text that tells enough: in a narrow terminal values are cut to it, and not further while there is
  /// anything else to save.
  package let enough: Int
  /// A narrow terminal goes without the columns of least worth; nil: never without this one.
  package var worth: Int?
  /// The same from its longest to its shortest form, at least one. Made printable by the table.
  package let values: [Value]
  package let tone: @Sendable (Row) -> Tone

  /// - Parameter shorter: the value in forms for a narrow terminal, each shorter than the one before.
  package init(
    _ title: String, maximumWidth: Int, enough: Int = 8, worth: Int? = nil,
    tone: @escaping @Sendable (Row) -> Tone = { _ in .plain }, shorter: [Value] = [],
    value: @escaping Value
  ) {
    self.title = title
    self.maximumWidth = maximumWidth
    self.enough = enough
    self.worth = worth
    self.tone = tone
    values = [value] + shorter
  }

  /// The name by which a person chooses it: `job` for JOB ID, `last-state` for LAST STATE.
  package var key: String {
    let name = title.hasSuffix(" ID") ? title.dropLast(" ID".count) : title[...]
    return name.lowercased().split(separator: " ").joined(separator: "-")
  }
}
