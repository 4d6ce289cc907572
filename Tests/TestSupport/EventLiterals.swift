package import Events

// A test may write a time as its number of microseconds, and a position as its number.

extension Seq: ExpressibleByIntegerLiteral {
  package init(integerLiteral number: Int64) { self.init(number) }
}

extension WallTime: ExpressibleByIntegerLiteral {
  package init(integerLiteral microseconds: Int64) { self.init(microseconds: microseconds) }
}

extension BootTime: ExpressibleByIntegerLiteral {
  package init(integerLiteral microseconds: Int64) { self.init(microseconds: microseconds) }
}

extension MonotonicTime: ExpressibleByIntegerLiteral {
  package init(integerLiteral microseconds: Int64) { self.init(microseconds: microseconds) }
}

extension WallTime {
  package init(_ microseconds: some BinaryInteger) {
    self.init(microseconds: Int64(microseconds))
  }
}

extension BootTime {
  package init(_ microseconds: some BinaryInteger) {
    self.init(microseconds: Int64(microseconds))
  }
}

extension Seq {
  package init(_ number: some BinaryInteger) { self.init(Int64(number)) }
}
