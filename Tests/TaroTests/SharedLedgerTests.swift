import Glibc
import TestSupport
import Testing

/// Who reads another user's ledger: root, and a group to which the owner gives it.
@Suite(
  .temporaryDirectory,
  .enabled(if: TestHost.canMount && TestHost.othersCanExecute, "several users, mounts of one's own")
)
struct SharedLedgerTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  /// 61001 owns the ledger $L, 61002 is in its group, 61003 is nobody to it. `live` starts a run that goes on until `end`.
  private static let users = """
    as() {
      user=$1; groups=$2; shift 2
      env -u TARO_LEDGER -u XDG_RUNTIME_DIR HOME=/nonexistent \
        setpriv --reuid=$user --regid=$user --groups=$groups "$@"
    }
    owner() { as 61001 61001 "$@"; }
    reader() { as 61002 61005 "$@"; }
    stranger() { as 61003 61003 "$@"; }
    live() {
      mkfifo /run/up && chmod 666 /run/up
      (owner "$TARO" exec --ledger $L --id live sh -c 'echo up > /run/up; exec sleep 1000' || :) 2> /dev/null &
      read line < /run/up
      until owner "$TARO" ps --ledger $L -f jsonl | grep -q '"RUNNING"'; do :; done
    }
    end() { owner "$TARO" stop --ledger $L --force --wait 60s live > /dev/null; wait; }
    mount -t tmpfs -o mode=1777 none /tmp
    mount -t tmpfs -o mode=755 none /run
    mount -t tmpfs -o mode=755 none /srv
    cd /

    """

  private func script(_ text: String) throws -> TaroResult {
    try taro.shell(Self.users + text) {
      $0.hasPrivateMachine = true
      $0.environment["TARO_LEDGER"] = ""
      $0.environment["HOME"] = "/root"
    }
  }

  @Test func `root asks another user's ledger, and leaves nothing of root's there`() throws {
    let result = try script(
      """
      install -d -o 61001 -g 61001 -m 700 /srv/home; L=/srv/home/l
      owner "$TARO" exec --ledger $L --id a sh -c 'echo out; exit 3' > /dev/null
      rm -f $L/projections.db*
      "$TARO" hist --ledger $L -f jsonl | grep -c FAILED
      live
      for question in ps hist "show a" "why live" "grep ou." "stats" "diff a a" "timeline" "tail a" "list-disabled" \
        "expectations" "ledger info" "ledger head" "ledger verify"; do
        "$TARO" $question --ledger $L > /dev/null || echo "$question: $?"
      done
      "$TARO" output a --ledger $L
      "$TARO" check --ledger $L | head -n 1 | cut -c 1-24
      find /srv -mindepth 1 ! -user 61001
      owner "$TARO" exec --ledger $L --id b true && owner "$TARO" hist --ledger $L -f jsonl | wc -l
      end
      """
    ).expect(code: 0, stderr: "")
    expect(result.lines, is: ["1", "out", "CRITICAL  a has failed (", "2"])
  }

  @Test func `root asks nothing of another's jobs, and runs nothing in his ledger`() throws {
    let result = try script(
      """
      install -d -o 61001 -g 61001 -m 700 /srv/home; L=/srv/home/l
      owner "$TARO" exec --ledger $L --id a true
      live
      for words in "stop live" "disable a" "exec --require-ledger true" "history-remove a"; do
        "$TARO" ${words%% *} --ledger $L ${words#* }; echo $?
      done
      owner "$TARO" ps --ledger $L -f jsonl | grep -c RUNNING
      find /srv -mindepth 1 ! -user 61001
      end
      """
    ).expect(code: 0)
    expect(result.lines, is: ["78", "78", "125", "78", "1"], "\(result)")
    for line in result.errorLines {
      #expect(line.contains("belongs to 61001; run taro as that user"), "\(line)")
    }
  }

  @Test(arguments: [false, true])
  func `a group reads a ledger that its owner gives it, and changes nothing`(isLive: Bool) throws {
    let result = try script(
      """
      L=/srv/l; install -d -o 61001 -g 61005 -m 2750 $L
      owner "$TARO" exec --ledger $L --id a sh -c 'echo out; exit 3' > /dev/null
      \(isLive ? "live" : "")
      all() { find $L -printf '%m %u %g %s %p\\n' | sort -k 5; }
      all > /tmp/before
      reader "$TARO" hist --ledger $L -f jsonl | grep -c FAILED
      reader "$TARO" ps --ledger $L -f jsonl | grep -c RUNNING
      for question in ps hist "show a" "why a" "grep ou." "stats" "diff a a" "timeline" "tail a" "list-disabled" \
        "expectations" "ledger info" "ledger head" "ledger verify"; do
        reader "$TARO" $question --ledger $L > /dev/null || echo "$question: $?"
      done
      reader "$TARO" output a --ledger $L
      all > /tmp/after; diff /tmp/before /tmp/after
      owner "$TARO" exec --ledger $L --id b true && owner "$TARO" hist --ledger $L -f jsonl | wc -l
      stat -c '%a' $L/ledger.db $L/ledger.db-wal $L/ledger.lock $L/projections.db
      reader "$TARO" hist --ledger $L -f jsonl | wc -l
      \(isLive ? "end" : "")
      """
    ).expect(code: 0, stderr: "")
    expect(
      result.lines,
      is: ["1", isLive ? "1" : "0", "out", "2", "640", "640", "640", "640", "2"])
  }

  @Test func `nobody else reads it, and nobody but its owner writes it`() throws {
    let result = try script(
      """
      L=/srv/l; install -d -o 61001 -g 61005 -m 2750 $L
      owner "$TARO" exec --ledger $L --id a true
      stranger "$TARO" hist --ledger $L; echo $?
      for words in "disable a" "exec --require-ledger true"; do
        reader "$TARO" ${words%% *} --ledger $L ${words#* }; echo $?
      done
      chmod 600 $L/ledger.lock
      reader "$TARO" hist --ledger $L; echo $?
      owner "$TARO" exec --ledger $L --id a true
      reader "$TARO" hist --ledger $L -f jsonl | wc -l
      chmod 00750 $L
      reader "$TARO" hist --ledger $L; echo $?
      chmod 2755 $L
      reader "$TARO" hist --ledger $L; echo $?
      chmod 2770 $L
      owner "$TARO" hist --ledger $L; echo $?
      reader "$TARO" hist --ledger $L; echo $?
      """
    ).expect(code: 0)
    expect(result.lines, is: ["78", "78", "125", "78", "2", "78", "78", "78", "78"], "\(result)")
    let lines = result.errorLines
    try #require(lines.count == 8, "\(result)")
    for (line, word) in zip(
      lines,
      [
        "belongs to 61001", "belongs to 61001", "belongs to 61001",
        "not yet what is in it; the next taro exec of that user", "chmod 2750 /srv/l",
        "chmod 2750 /srv/l",
        "chmod go-w /srv/l; who may only read it is not refused", "belongs to 61001",
      ])
    { #expect(line.contains(word), "\(line)") }
    #expect(!result.stderr.contains("700"))
  }
}
