package import Matching

/// The parts of a command that are not to be recorded.
package struct RecordMask: Sendable {
  /// These hide what they match.
  package private(set) var expressions: [RegularExpression] = []
  /// Nothing of it is recorded: what is to be hidden cannot be told.
  package private(set) var hidesAll = false

  package init() {}

  package var isEmpty: Bool { expressions.isEmpty && !hidesAll }

  package mutating func add(_ expression: RegularExpression) { expressions.append(expression) }

  package mutating func hideAll() { hidesAll = true }
}
