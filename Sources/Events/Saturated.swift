/// Sums and differences that stop at the ends of Int64, where others end the program.
enum Saturated {
  static func sum(_ one: Int64, _ other: Int64) -> Int64 {
    let (sum, isBeyond) = one.addingReportingOverflow(other)
    return isBeyond ? (other < 0 ? .min : .max) : sum
  }

  static func difference(_ one: Int64, _ other: Int64) -> Int64 {
    let (difference, isBeyond) = one.subtractingReportingOverflow(other)
    return isBeyond ? (other > 0 ? .min : .max) : difference
  }
}
