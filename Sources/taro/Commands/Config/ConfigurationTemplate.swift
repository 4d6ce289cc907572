internal import Settings

extension Configuration {
  /// The text that `--def-config` stands for: that of the file, with the log on.
  static var packagedText: String {
    template.replacing(Self.logIsOff, with: "  mode: on ")
  }

  private static let logIsOff = "  mode: off"

  /// The file that `taro config create` writes; read, it is the defaults.
  static let template = """
    # The configuration of taro. man taro.yaml explains every key; taro config check finds
    # mistakes. A key that is missing or commented out has its default.

    log:
      mode: off             # on writes a line for each change of each run
      stdout:
        level: warn         # off, debug, info, warn, error, critical; taro exec writes to stderr
      file:
        level: info
        # path: /var/log/taro/taro.log    # the default for root; others: ~/.cache/taro/taro.log
      syslog:
        level: off

    # ledger:
    #   directory: /var/lib/taro          # the default for root; others: ~/.local/share/taro

    # record:
    #   mask: ['--password=\\S+']         # what matches in a command is recorded as ***

    # exec:
    #   success_codes:                    # exit codes that are no failure, by job
    #     - {jobs: ['rsync-*'], codes: [23, 24]}

    # output:
    #   overflow: wait      # or drop: when the disk is slower than the output of a job
    #   drain: 5s           # how long what a job left behind may keep its output open

    """
}
