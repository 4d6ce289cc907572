import Glibc
import Linux
import Spawn
import TestSupport
import Testing

@Suite struct SpareVariablesTests {
  /// Writes what the shell finds of three variables; what follows is there to be large.
  private static let script = #"printf '%s|' "${KEPT-}" "${SPARE_ONE-}" "${SPARE_TWO-}""#

  /// What a child finds that has so many bytes more than others in its arguments; nil where it cannot be started.
  private func found(filling bytes: Int, spare: [String]) throws -> String? {
    // Linux takes no argument of 128 KiB (execve(2), MAX_ARG_STRLEN).
    let pieces = [String](repeating: String(repeating: "x", count: 99_999), count: bytes / 100_000)
    let rest = String(repeating: "x", count: bytes % 100_000)
    do throws(SpawnError) {
      return try run(["/bin/sh", "-c", Self.script, "sh"] + pieces + [rest], spare)
    } catch {
      guard case .failed(_, let errno) = error, errno.code == E2BIG else { throw error }
      return nil
    }
  }

  private func run(_ arguments: [String], _ spare: [String]) throws(SpawnError) -> String {
    var launch = Running.launch(arguments)
    launch.variables = [Array("KEPT=kept".utf8)]
    launch.spareVariables = spare.map { Array($0.utf8) }
    guard let output = try? Capture() else { return "" }
    launch.stdout = output.writer
    var child = try launch.start()
    let text = output.readAllText()
    _ = child.waitUntilEnd()
    return text
  }

  @Test func `arguments for which there is room without them are not refused because of them`()
    throws
  {
    let limit = sysconf(Int32(_SC_ARG_MAX))
    var (fits, tooMuch) = (limit - 200_000, limit)
    while tooMuch - fits > 1 {
      let middle = (fits + tooMuch) / 2
      if try found(filling: middle, spare: []) != nil { fits = middle } else { tooMuch = middle }
    }
    let spare = ["SPARE_ONE=1", "SPARE_TWO=\(String(repeating: "2", count: 1000))"]
    try expect(found(filling: fits, spare: spare), is: "kept|||")
    try expect(found(filling: fits - 500, spare: spare), is: "kept|1||")
    try expect(found(filling: fits - 2000, spare: spare)?.hasPrefix("kept|1|222"), is: true)
    try expect(found(filling: tooMuch, spare: spare)) { $0 == nil }
  }
}
