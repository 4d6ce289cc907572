internal import Events
import Glibc
import Ledger
import Linux
import Maintenance

extension LedgerWorker {
  /// A runner whose job is some other process: says when it is live, and each time it was rung.
  static func run(
    _ directory: LedgerDirectory, _ id: String, child: Int, started: Int
  ) throws {
    let instance = try instance(id)
    let writer = try LedgerWriter(directory)
    let file = try RunFile(instance, in: directory)
    var created = Created()
    created.bootID = Host.bootID()
    let running = Running(pid: Int64(child), started: Int64(started), pgid: Int64(child))
    try writer.turn(durable: true) { turn throws(LedgerError) in
      try turn.append(event(instance, .state(.created), created.json))
      try turn.append(event(instance, .state(.running), running.json))
    }
    try say("live")
    while true {
      var poll = Poll()
      poll.add(0)
      poll.add(file.fd)
      poll.wait(milliseconds: -1)
      if poll.isReady(file.fd) {
        file.clearRings()
        try say("rung")
      }
      if poll.isReady(0) { break }
    }
    file.remove()
  }

  static func closeLost(_ directory: LedgerDirectory, _ id: String) throws {
    let instance = try instance(id)
    let writer = try LedgerWriter(directory)
    try readyAndWait()
    try say(try LostInstances.close(instance, with: writer))
  }
}
