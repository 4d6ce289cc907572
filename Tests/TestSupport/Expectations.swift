package import Testing

/// Compares what was read with what was wanted, and shows both when they differ: `#expect` does not take an expression
/// apart that has a `try` in it, so what was read would stay unknown.
///
///     expect(try taro.document("a")["state"]?.string, is: "FAILED")
package func expect<Value: Equatable>(
  _ found: Value, is wanted: Value, _ comment: @autoclosure () -> Comment? = nil,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(found == wanted, comment(), sourceLocation: sourceLocation)
}

/// The same for what has to be another.
package func expect<Value: Equatable>(
  _ found: Value, isNot other: Value, _ comment: @autoclosure () -> Comment? = nil,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(found != other, comment(), sourceLocation: sourceLocation)
}

/// Fails with what was read unless `isWanted` of it.
///
///     expect(try taro.run("show", "a").text) { $0.contains("exit code 3") }
package func expect<Value>(
  _ found: Value, _ comment: @autoclosure () -> Comment? = nil,
  sourceLocation: SourceLocation = #_sourceLocation, _ isWanted: (Value) throws -> Bool
) rethrows {
  guard try !isWanted(found) else { return }
  let comment = comment().map { "\($0): " } ?? ""
  Issue.record("\(comment)not as wanted: \(found)", sourceLocation: sourceLocation)
}

extension Collection {
  /// The element at a place that is counted from 0. One that is not there fails the test that asks for it; a subscript
  /// would end the process, and all other tests with it.
  package func at(
    _ index: Int, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Element {
    try #require(
      dropFirst(index).first, "there is no element \(index) in \(Array(self))",
      sourceLocation: sourceLocation)
  }
}
