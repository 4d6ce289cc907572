import Ledger
import TestSupport
import Testing

/// A full disk is when retention is needed most.
@Suite(
  "Retention on a full disk", .temporaryDirectory,
  .enabled(if: TestHost.canMount, "needs root and mount namespaces"))
struct FullDiskRetentionTests {
  /// A ledger on a file system of its own that is full, then some commands.
  private func onFullDisk(_ script: String) throws -> TaroResult {
    let taro = try TaroProgram()
    return try taro.shell(
      """
      exec unshare -m sh -c '
        mkdir -p -m 700 "$TARO_LEDGER" && mount -t tmpfs -o mode=700,size=48m none "$TARO_LEDGER" || exit 77
        for job in 1 2 3 4 5 6; do "$TARO" exec --id job$job head -c 400000 /dev/urandom > /dev/null; done
        dd if=/dev/zero of="$TARO_LEDGER"/filler bs=4k 2> /dev/null
        \(script)'
      """)
  }

  @Test func `it frees, and the ledger verifies`() throws {
    let result = try onFullDisk(
      """
      stat -f -c %a "$TARO_LEDGER"
      "$TARO" ledger retain --force --set retention.max_size=500k > /dev/null || exit 1
      stat -f -c %a "$TARO_LEDGER"
      "$TARO" ledger verify > /dev/null || exit 2
      "$TARO" exec --id after true || exit 3
      "$TARO" hist -f jsonl after
      """)
    result.expect(code: 0, stderr: "")
    let (before, after) = (Int(result.lines.first ?? ""), Int(result.lines.dropFirst().first ?? ""))
    #expect(before == 0)
    try expect(#require(after), "\(result)") { $0 > 300 }
    #expect(result.lines.last?.contains("COMPLETED") == true, "\(result)")
  }

  @Test func `without the reserve it drops nothing and says so, until there is room`() throws {
    let taro = try TaroProgram()
    // Too small for a reserve, with all of the newest in the WAL: the first checkpoint needs room in the database.
    let result = try taro.shell(
      """
      exec unshare -m sh -c '
        retain() { "$TARO" ledger retain --force --set retention.max_size=500k > /dev/null; echo $?; }
        verify() { "$TARO" ledger verify > /dev/null; echo $?; }
        mkdir -p -m 700 "$TARO_LEDGER" && mount -t tmpfs -o mode=700,size=4m none "$TARO_LEDGER" || exit 77
        for job in 1 2 3 4 5 6; do "$TARO" exec --id job$job head -c 400000 /dev/urandom > /dev/null; done
        dd if=/dev/zero of="$TARO_LEDGER"/filler bs=4k 2> /dev/null
        "$TARO" ledger head; retain; "$TARO" ledger head; verify
        mount -o remount,size=7m "$TARO_LEDGER"
        retain; verify'
      """
    ).expect(code: 0).expectOneLine(about: "no space", "free some space there")
    let lines = result.lines
    try #require(lines.count == 6, "\(result)")
    #expect(lines.first == lines.dropFirst(2).first)
    #expect(lines.filter { !$0.contains("@") } == ["74", "0", "0", "0"])
  }

  @Test func `info says that nothing can be written, and what lives`() throws {
    let result = try onFullDisk(
      """
      "$TARO" exec --id killed sh -c "kill -9 \\$PPID; sleep 1" 2> /dev/null
      rm -f "$TARO_LEDGER"/ledger.reserve
      dd if=/dev/zero of="$TARO_LEDGER"/filler2 bs=4k 2> /dev/null
      "$TARO" ledger info
      """)
    #expect(result.text.contains("writable      no: no space left on the device\n"), "\(result)")
    #expect(result.text.contains("instances     0 live, "), "\(result)")
  }
}
