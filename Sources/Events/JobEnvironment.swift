/// Variables in the environment of a job, by which its processes are known as its own.
package enum JobEnvironment {
  /// Names the instance, in every process of it.
  package static let instance = "TARO_INSTANCE"
  /// Has a plugin's settings: the process is a plugin, which has the other variable too, and not the job.
  package static let pluginSettings = "TARO_PLUGIN_CONFIG"
}
