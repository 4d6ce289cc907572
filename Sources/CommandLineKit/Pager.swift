internal import Glibc
internal import Linux
internal import Spawn

/// Long output for a person goes through a pager; anything else goes to stdout as it is.
package final class Pager {
  private var child: Child?
  private var pipe: Descriptor?

  /// The output to write to. A pager that cannot be started is done without.
  package static func open(noPager: Bool) -> (StandardOutput, Pager) {
    let pager = Pager()
    let command = PagerChoice.command(
      isTerminal: Terminal.isTerminal(1), noPagerOption: noPager,
      environment: ProcessEnvironment.value)
    guard let command, let fd = pager.start(command) else { return (StandardOutput(), pager) }
    return (StandardOutput(fd: fd) { _ in pager.end() }, pager)
  }

  private func start(_ command: [String]) -> Int32? {
    if let options = PagerChoice.lessOptions(environment: ProcessEnvironment.value) {
      setenv("LESS", options, 1)
    }
    guard let ends = try? Descriptor.pipe() else { return nil }
    // The pager reads our pipe as its stdin, and the terminal by itself.
    var launch = Launch(command.map { Array($0.utf8) })
    launch.stdin = ends.read.fd
    launch.sharesProcessGroup = true
    launch.defaultSignals = [SIGPIPE]
    // Ctrl-C is the pager's: without taro it would be left alone with the terminal.
    if !Signals.isIgnored(SIGINT) {
      launch.defaultSignals.append(SIGINT)
      Signals.ignore(SIGINT)
    }
    guard let child = try? launch.start() else {
      if launch.defaultSignals.contains(SIGINT) { Signals.setDefault(SIGINT) }
      return nil
    }
    self.child = consume child
    let fd = ends.write.fd
    pipe = consume ends.write
    return fd
  }

  /// Waits until the person has read it.
  package func finish() {
    pipe = nil
    _ = child?.waitUntilEnd()
  }

  /// The person has left the pager before the end.
  private func end() -> Never {
    finish()
    exit(0)
  }
}
