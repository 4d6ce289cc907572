package import Events
package import Matching

/// An expression to look for in outputs, and what is wanted of the lines that have it.
package struct SearchRequest: Sendable {
  package var expression: RegularExpression
  /// The stream; nil for both.
  package var stream: OutputStream?
  /// The lines that have it not.
  package var isInverted = false
  /// So many lines before and after each.
  package var before = 0
  package var after = 0
  /// So many lines of each output at most.
  package var maximum: Int?
  /// Only how many lines there are.
  package var countsOnly = false
  /// Says where in the lines it is.
  package var wantsMatches = false
  /// And wants all of them: a line in which that takes too long is told.
  package var wantsAllMatches = false

  package init(_ expression: RegularExpression) { self.expression = expression }

  var wantsContext: Bool { !countsOnly && (before > 0 || after > 0) }
}
