import Glibc
import TestSupport
import Testing

/// The units of `packaging/systemd` that are about `taro`.
@Suite(
  .temporaryDirectory, .enabled(if: TestHost.hasSystemdAnalyze, "needs systemd-analyze"))
struct UnitsTests {
  @Test(arguments: ["system", "user"])
  func `systemd finds nothing wrong with them`(manager: String) throws {
    let taro = try TaroProgram()
    // With the program that is there: that it can be run is looked at too.
    try taro.shell(
      """
      for unit in taro-tell.service taro-tell.timer; do
        sed "s|/usr/local/bin/taro|$TARO|" '\(Repository.path("packaging/systemd"))/\(manager)'/$unit > $unit || exit
      done
      systemd-analyze verify --\(manager) --man=no ./*.service ./*.timer
      """
    ).expect(code: 0, stdout: "", stderr: "")
  }
}
