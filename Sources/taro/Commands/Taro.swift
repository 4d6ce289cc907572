internal import ArgumentParser

/// The program: its subcommands, one file each.
struct Taro: ParsableCommand {
  static let version = "0.1.0"
  /// The day of the version: the manual's date.
  static let versionDate = "2026-11-23"

  /// The names that cron, systemd, docker, supervisor and Pueue have for it, and what it is here.
  static let namesElsewhere = [
    "run": "taro exec runs a command", "add": "taro exec runs a command",
    "start": "taro exec runs a command, taro rerun one that has run",
    "restart": "taro rerun runs again what has run",
    "list": "taro ps shows what runs, taro hist what has run",
    "ls": "taro ps shows what runs, taro hist what has run",
    "jobs": "taro ps shows what runs, taro stats how each job has fared",
    "status": "taro ps shows what runs, taro show everything about one run",
    "top": "taro ps shows what runs", "inspect": "taro show tells everything about one run",
    "info": "taro show tells everything about one run",
    "log": "taro output prints what a run has printed, taro tail -f what it prints",
    "logs": "taro output prints what a run has printed, taro tail -f what it prints",
    "follow": "taro tail -f prints what jobs print",
    "cat": "taro output prints what a run has printed",
    "events": "taro listen tells what happens", "watch": "taro listen tells what happens",
    "monitor": "taro listen tells what happens",
    "kill": "taro stop ends jobs, with --kill by SIGKILL",
    "terminate": "taro stop ends jobs", "cancel": "taro stop ends jobs, and those that wait",
    "rm": "taro history-remove takes ended runs out of the history",
    "remove": "taro history-remove takes ended runs out of the history",
    "clean": "taro ledger retain drops what need not be kept",
    "prune": "taro ledger retain drops what need not be kept",
    "mask": "taro disable keeps jobs from running", "unmask": "taro enable lets jobs run again",
    "version": "taro --version says it",
  ]

  static let configuration = CommandConfiguration(
    commandName: "taro",
    abstract: "Runs and watches jobs, and knows afterwards what they did.",
    discussion: """
      Put it before a command, for instance in a crontab:

        0 3 * * *  /usr/local/bin/taro exec --id backup --quiet-on-success /srv/backup.sh

      and ask:

        taro ps                      what is running
        taro hist -n 20              what has run
        taro stats                   how each job has fared
        taro tail -f backup          what it prints
        taro show backup             everything about its newest run
        taro grep 'no space left'    who has printed that
        taro diff backup             its last failure beside the last good run
        taro stop backup             ask it to end
        taro why backup              what it waits for
        taro wait backup -s failed   be told when it fails
        taro page                    look at it in a browser

      PATTERN is a shell glob over job id, instance id and job@instance; without wildcards \
      it is an exact job id, an exact job@instance, or the first (else the last) 4 or more characters of an \
      instance id; job~1, job~good and job~failed count back. taro help states tells what states there are, taro help options which options \
      most commands have.

      The record is kept in the directory named by --ledger, else TARO_LEDGER, else the \
      configuration, else /var/lib/taro for root and ~/.local/share/taro for others.

      taro --generate-completion-script SHELL prints what bash, zsh or fish completes commands with; \
      taro --generate-manual DIR [DOCS] writes the pages of the manual to DIR/man1 and DIR/man5, with DOCS those of \
      the documentation in there, too.
      """,
    version: "taro \(version)",
    subcommands: [
      ExecInFull.self, Ps.self, Hist.self, Tail.self, Output.self, Grep.self, Show.self, Diff.self,
      Replay.self, TimelineCommand.self, Listen.self, Wait.self, Stop.self, Release.self,
      Why.self, Pause.self, Resume.self, SignalCommand.self, Rerun.self, HistoryRemove.self,
      Stats.self, Export.self, Bundle.self, VerifyBundle.self, Redact.self, Disable.self,
      Enable.self, ListDisabled.self, Expect.self, Unexpect.self, Expectations.self, Check.self,
      Tell.self, Config.self, HostInfo.self, PageCommand.self, Plugins.self, LedgerCommand.self,
    ])
}
