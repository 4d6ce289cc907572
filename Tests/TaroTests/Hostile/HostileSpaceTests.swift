internal import Events
import Glibc
internal import Ledger
import TestSupport
import Testing

/// Disks that are full, or may not be written any more.
@Suite("Hostile disks", .temporaryDirectory)
struct HostileSpaceTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  /// With no other place for the record than the full disk itself: what was set aside has to do.
  @Test(arguments: [true, false])
  func `a disk that the job itself fills`(isNew: Bool) throws {
    let result = try HostileHost.script(
      taro,
      """
      mkdir -p -m 700 "$TARO_LEDGER" && mount -t tmpfs -o mode=700,size=2m none "$TARO_LEDGER" || exit
      \(isNew ? "" : "\"$TARO\" exec --id first true || exit")
      "$TARO" exec --id a sh -c 'echo out; cat /dev/zero >"$TARO_LEDGER/fill"; seq 20000; exit 3' 2>said
      echo "code $?"
      df --output=avail "$TARO_LEDGER" | tail -1
      rm "$TARO_LEDGER/fill"
      "$TARO" exec --id next true || exit
      "$TARO" ledger verify >/dev/null || exit
      "$TARO" output a --stdout | cksum
      "$TARO" show a -f json
      """)
    result.expect(code: 0).expectOneLine(about: "of its output are not recorded here")
    let expected = "out\n" + (1...20_000).map { "\($0)\n" }.joined()
    let lines = result.text.split(separator: "\n", maxSplits: 20_004).map(String.init)
    #expect(result.text.hasPrefix(expected + "code 3\n"), "the job's output; \(lines.suffix(5))")
    let document = try JSON(parsing: lines.dropFirst(20_004).joined())
    #expect(document["exit_code"]?.integer == 3)
    #expect(document["state"]?.string == "FAILED")
    // Some of the output had no room; it is counted.
    let output = document["output"]
    let recorded = output?["bytes"]?.integer ?? 0
    #expect(recorded >= Int64(expected.utf8.count), "\(document.text)")
    let said = try Files.lines("\(taro.work)/said").filter { $0.hasPrefix("taro: ") }
    #expect(said.count <= 1, "\(said)")
    #expect(said.allSatisfy { $0.contains(taro.ledger.path) }, "\(said)")
  }

  @Test(arguments: ["size=4k", "size=64k", "nr_inodes=1", "nr_inodes=4"])
  func `no space for even the first file`(limit: String) throws {
    let result = try HostileHost.script(
      taro,
      """
      mkdir -p -m 700 "$TARO_LEDGER" || exit
      mount -t tmpfs -o mode=700,\(limit) none "$TARO_LEDGER" || exit
      "$TARO" exec --id a sh -c 'echo out; exit 3'
      echo "code $?"
      mount -o remount,size=8m,nr_inodes=1000 "$TARO_LEDGER" || exit
      "$TARO" exec --id next true && "$TARO" ledger verify >/dev/null || exit
      "$TARO" output a --stdout
      """)
    result.expect(code: 0, stdout: "out\ncode 3\nout\n").expectOneLine(about: taro.ledger.path)
  }

  /// ext4 turns itself read-only after an error, under the feet of whoever writes.
  @Test func `a file system that becomes read-only in the middle`() throws {
    let result = try HostileHost.script(
      taro,
      """
      PATH="$PATH:/usr/sbin:/sbin"
      mkdir -p -m 700 "$TARO_LEDGER" && truncate -s 32M image && mkfs.ext4 -q image || exit 70
      mount -o loop,errors=remount-ro image "$TARO_LEDGER" && chmod 700 "$TARO_LEDGER" || exit 70
      device=$(findmnt -no SOURCE "$TARO_LEDGER"); device=${device#/dev/}
      test -w "/sys/fs/ext4/$device/trigger_fs_error" || exit 70
      "$TARO" exec --id first true || exit
      "$TARO" exec --id a sh -c 'echo test >/sys/fs/ext4/'$device'/trigger_fs_error; echo out; exit 3'
      echo "code $?"
      umount "$TARO_LEDGER" && fsck.ext4 -fy image >/dev/null 2>&1; mount -o loop image "$TARO_LEDGER" || exit
      "$TARO" exec --id next true && "$TARO" ledger verify >/dev/null || exit
      "$TARO" show a -f json
      """)
    guard result.code != 70 else { try Test.cancel("no ext4 on a loop device here") }
    result.expect(code: 0).expectOneLine(about: taro.ledger.path)
    #expect(result.text.hasPrefix("out\ncode 3\n"), "\(result)")
    let document = try JSON(parsing: result.lines.dropFirst(2).joined())
    #expect(document["exit_code"]?.integer == 3)
    #expect(document["state"]?.string == "FAILED")
  }
}
