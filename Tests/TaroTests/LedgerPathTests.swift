import TestSupport
import Testing

/// A ledger of which the path is not UTF-8: taro names files by text, and the text would be that of another directory.
@Suite(.temporaryDirectory) struct LedgerPathTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  @Test(arguments: [
    (#"TARO_LEDGER="$D/x" "$TARO" exec"#, "TARO_LEDGER"),
    (#""$TARO" exec --ledger "$D/x""#, "--ledger"),
    (#""$TARO" exec --ledger="$D/x""#, "--ledger"),
    (#"cd "$D"; "$TARO" exec --ledger x"#, "--ledger"),
    (#""$TARO" exec --set "ledger.directory=$D/x""#, "ledger.directory"),
    (#"XDG_DATA_HOME="$D" setpriv --reuid=65534 --clear-groups "$TARO" exec"#, "XDG_DATA_HOME"),
    (#"HOME="$D" setpriv --reuid=65534 --clear-groups "$TARO" exec"#, "HOME"),
  ])
  func `is said, nothing is made elsewhere, and the job runs`(command: String, name: String) throws
  {
    let script =
      #"D=$PWD/$(printf 'caf\351'); mkdir -m 777 "$D"; unset TARO_LEDGER; "# + command + " echo ran"
    let result = try taro.shell(script) { $0.environment["TARO_LEDGER"] = nil }.expect(
      code: 0, stdout: "ran\n")
    result.expectOneLine(about: "not recorded", name, "not UTF-8")
    #expect(Files.names(in: taro.work).count == 1)
    try expect(taro.shell(#"ls -A "$(printf 'caf\351')""#).text, is: "")
  }

  @Test
  func `keeps a job from running where a record is required, and other commands from working`()
    throws
  {
    let directory = #"TARO_LEDGER=$(printf 'caf\351'); "#
    try taro.shell(directory + #""$TARO" exec --require-ledger echo ran"#).expect(
      code: 125, stdout: "")
    try taro.shell(directory + #""$TARO" hist"#).expect(code: 64, stdout: "")
      .expectOneLine(about: "TARO_LEDGER", "not UTF-8")
  }

  @Test func `of a configuration or a log is said too`() throws {
    let script =
      #"printf 'log:\n  mode: off\n' > "$(printf 'caf\351')"; "$TARO" exec -C "$(printf 'caf\351')" echo ran"#
    try taro.shell(script).expect(code: 0, stdout: "ran\n")
      .expectOneLine(about: "the configuration is not used", "not UTF-8")
    let log =
      #""$TARO" exec --set log.mode=on --set log.stdout.level=off --set log.file.path="$PWD/$(printf '\351')" echo ran"#
    try taro.shell(log).expect(code: 0, stdout: "ran\n").expectOneLine(about: "log", "not UTF-8")
    #expect(Files.names(in: taro.work).count == 1)
  }
}
