/// The variables of the environment that are ours, read or set for jobs and plugins: the one table of them, which manual
/// and docs/configuration.md are held against.
package enum EnvironmentVariable: String, CaseIterable, Sendable {
  case ledger = "TARO_LEDGER"
  case noColor = "TARO_NO_COLOR"
  case pager = "TARO_PAGER"
  case via = "TARO_VIA"
  case job = "TARO_JOB"
  case instance = "TARO_INSTANCE"
  case program = "TARO"
  case pluginConfiguration = "TARO_PLUGIN_CONFIG"
  case event = "TARO_EVENT_JSON"
  case state = "TARO_STATE"
  case reason = "TARO_REASON"
  case exitCode = "TARO_EXIT_CODE"
  case signal = "TARO_SIGNAL"
  case warning = "TARO_WARNING"
  case warningText = "TARO_WARNING_TEXT"
  case change = "TARO_CHANGE"
  case changeID = "TARO_CHANGE_ID"
  case changeThread = "TARO_CHANGE_THREAD"
  case changeText = "TARO_CHANGE_TEXT"

  package var name: String { rawValue }

  /// The line about the variable in the manual: who has it, and what it says.
  package var meaning: String {
    switch self {
    case .ledger: "The directory of the ledger, unless --ledger names one"
    case .noColor: "Set to anything: no colours; NO_COLOR does the same"
    case .pager: "What long output is shown with on a terminal, before PAGER; empty or cat: nothing"
    case .via:
      "Set to ssh by who asks from another host: what is asked of jobs is recorded as come by ssh, with the address"
    case .job: "Set for a job: what it runs as"
    case .instance: "Set for a job: its instance"
    case .program: "Set for a plugin: the program that runs the job"
    case .pluginConfiguration: "Set for a plugin: its settings, as JSON"
    case .event:
      "Set for what taro-plugin-exec runs: the whole event, as JSON, where it is not too large"
    case .state: "Set for what taro-plugin-exec runs: the state that was entered"
    case .reason: "Set for what taro-plugin-exec runs: why"
    case .exitCode: "Set for what taro-plugin-exec runs: the job's exit code"
    case .signal: "Set for what taro-plugin-exec runs: the signal that killed the job"
    case .warning: "Set for what taro-plugin-exec runs: the kind of warning"
    case .warningText: "Set for what taro-plugin-exec runs: what the warning is about"
    case .change:
      "Set for what taro-plugin-exec runs: the change that is told, for instance recovered"
    case .changeID:
      "Set for what taro-plugin-exec runs: the id of the change, the same when it is told again"
    case .changeThread:
      "Set for what taro-plugin-exec runs: the same for all changes of one trouble of a job"
    case .changeText: "Set for what taro-plugin-exec runs: the change as a sentence"
    }
  }

  /// As execve(2) takes it.
  package func assigned(_ value: String) -> String { "\(rawValue)=\(value)" }
}
