/// The place of the log file when the configuration does not say it.
package enum LogLocation {
  /// /var/log/taro/taro.log for root, $XDG_CACHE_HOME/taro/taro.log or ~/.cache/taro/taro.log for others; nil
  /// without a home directory.
  package static func standard(_ surroundings: UserEnvironment = .current) -> String? {
    if surroundings.uid == 0 { return "/var/log/taro/taro.log" }
    return surroundings.directory("XDG_CACHE_HOME", below: ".cache")
      .map { UserEnvironment.join($0, "taro/taro.log") }
  }
}
