/// Numbers as a line of characters, the higher the larger.
package enum Sparkline {
  private static let blocks: [Character] = Array("▁▂▃▄▅▆▇█")
  private static let ascii: [Character] = Array("_-~=+*%#")

  /// One character for each value, in proportion to the largest; a point where there is none.
  package static func text(_ values: [Int64?], isUTF8: Bool) -> String {
    let levels = isUTF8 ? blocks : ascii
    let largest = Double(max(1, values.compactMap { $0 }.max() ?? 1))
    return String(
      values.map { value in
        guard let value else { return isUTF8 ? "·" : "." }
        let level = Int((Double(max(0, value)) / largest * Double(levels.count)).rounded(.up)) - 1
        return levels[max(0, level)]
      })
  }
}

/// The characters that the terminal can show, as locale(7) has it.
package enum Locale {
  /// - Parameter environment: a variable's value, "" when it is set and empty, nil when it is not set.
  package static func isUTF8(environment: (String) -> String?) -> Bool {
    let names = ["LC_ALL", "LC_CTYPE", "LANG"].compactMap(environment)
    let charset = names.first { !$0.isEmpty }?.uppercased() ?? ""
    return charset.contains("UTF-8") || charset.contains("UTF8")
  }
}
