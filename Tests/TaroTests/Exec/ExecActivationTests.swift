internal import Events
import Glibc
import Linux
import TestSupport
import Testing

/// systemd names by its pid the process that it has started: under taro that is to be the job.
@Suite(.temporaryDirectory) struct ExecActivationTests {
  private static let variables = ["LISTEN_PID", "WATCHDOG_PID", "SYSTEMD_EXEC_PID"]

  @Test(arguments: variables)
  func `a variable that names taro's pid names the job's`(variable: String) throws {
    let taro = try TaroProgram()
    let words = try taro.run("exec", "--id", "a", "sh", "-c", "echo $\(variable) $$") {
      $0.preparation = "export \(variable)=$$"
    }.expect(code: 0, stderr: "").text.split(separator: " ")
    expect("\(try words.at(0))\n", is: String(try words.at(1)))
  }

  @Test(arguments: variables)
  func `another value is left alone`(variable: String) throws {
    let taro = try TaroProgram()
    // One that begins with taro's pid, one that is empty, and one that the command line sets.
    try taro.run("exec", "sh", "-c", "test $\(variable) = ${WAS}0 && echo same") {
      $0.preparation = "export WAS=$$ \(variable)=${$}0"
    }.expect(code: 0, stdout: "same\n", stderr: "")
    try taro.run("exec", "sh", "-c", "echo \"<$\(variable)>\"") {
      $0.environment[variable] = ""
    }.expect(code: 0, stdout: "<>\n", stderr: "")
    try taro.run("exec", "--env", "\(variable)=17", "sh", "-c", "echo $\(variable)") {
      $0.preparation = "export \(variable)=$$"
    }.expect(code: 0, stdout: "17\n", stderr: "")
  }

  @Test func `a job that is handed a descriptor by socket activation finds it`() throws {
    let taro = try TaroProgram()
    // What sd_listen_fds(3) asks.
    let job = """
      [ "$LISTEN_PID" = $$ ] && [ -z "$LISTEN_PIDFDID" ] && [ "$LISTEN_FDS" = 1 ] && cat <&3
      """
    try taro.shell(
      """
      echo handed over >file; exec 3<file
      export LISTEN_FDS=1 LISTEN_PID=$$ LISTEN_PIDFDID=4711
      exec "$TARO" exec --id a sh -c "$JOB"
      """
    ) { $0.environment["JOB"] = job }.expect(code: 0, stdout: "handed over\n", stderr: "")
  }

  @Test func `each try of a job is named`() throws {
    let taro = try TaroProgram()
    let job = "[ $LISTEN_PID = $$ ] && echo named; exit 3"
    try taro.run("exec", "--retry", "2", "--retry-delay", "0", "sh", "-c", job) {
      $0.preparation = "export LISTEN_PID=$$"
    }.expect(code: 3, stdout: "named\nnamed\nnamed\n", stderr: "")
  }

  @Test func `what is recorded of the environment is the caller's`() throws {
    let taro = try TaroProgram()
    let pid = try taro.run("exec", "--id", "a", "--record-env", "sh", "-c", "echo $WAS") {
      $0.preparation = "export WAS=$$ LISTEN_PID=$$"
    }.expect(code: 0, stderr: "").text
    let recorded = try taro.created(ofJob: "a")?.env?.first { $0.key == "LISTEN_PID" }
    expect("\(recorded?.value.string ?? "")\n", is: pid)
  }
}
