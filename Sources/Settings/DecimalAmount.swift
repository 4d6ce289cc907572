/// A number as it was typed, `1` or `1.5`: kept in decimal, because a binary fraction would turn `0.1h`
/// into a microsecond less.
struct DecimalAmount {
  private let whole: Int128
  /// The fraction is `numerator / denominator`.
  private let numerator: Int128
  private let denominator: Int128

  /// Reads a number; `subject` is what it counts, for the refusal.
  init(_ scanner: inout AsciiScanner, subject: String) throws(Refusal) {
    let digits = scanner.digits()
    guard !digits.isEmpty else {
      let found = scanner.isAtEnd ? "the end" : SettingError.quoted(scanner.remainder)
      throw Refusal("\(subject) is expected instead of \(found)")
    }
    // A number of 20 digits is beyond Int64 in every unit; Int128 holds it in weeks.
    let significant = digits.drop { $0 == 0 }
    guard significant.count < 20 else { throw Refusal.tooLong }
    whole = significant.reduce(0) { $0 * 10 + Int128($1) }

    guard scanner.takeOne(of: ".", ",") != nil else {
      (numerator, denominator) = (0, 1)
      return
    }
    let fraction = scanner.digits()
    guard !fraction.isEmpty else { throw Refusal("a digit is expected after the decimal point") }
    // Digits after the 18th are less than a microsecond even in weeks.
    (numerator, denominator) = fraction.prefix(18).reduce((0, 1)) {
      ($0.0 * 10 + Int128($1), $0.1 * 10)
    }
  }

  /// The amount in microseconds or bytes when it counts units of that many; parts of one are dropped.
  func scaled(by unit: Int64) -> Int128 {
    whole * Int128(unit) + numerator * Int128(unit) / denominator
  }
}

extension Refusal {
  static var tooLong: Refusal { Refusal("it is longer than 292,271 years") }
}
