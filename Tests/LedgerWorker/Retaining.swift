internal import Events
import Ledger
import Linux
import Maintenance

extension LedgerWorker {
  /// Drops the output and then the events of every run that has ended, oldest first, in small turns, and gives back the
  /// space; says a line after each turn.
  static func retain(_ directory: LedgerDirectory) throws {
    try readyAndWait()
    let writer = try LedgerWriter(directory, queueMilliseconds: 60_000)
    var instances: [InstanceID] = []
    for event in try writer.reader.events(after: .start, limit: .max) where event.kind.isTerminal {
      if let instance = event.instance { instances.append(instance) }
    }
    var budget = Retention.Budget()
    (budget.instances, budget.events, budget.bytes, budget.pages) = (5, 20, 10_000, 3)
    let retention = Retention(writer, by: .thisProcess(), budget: budget)
    for what in Retained.What.allCases {
      var rest = instances[...]
      while !rest.isEmpty {
        rest = rest.dropFirst(try retention.dropNext(what, .age, of: rest).done)
        try say("dropped")
      }
    }
    while try retention.giveBackNext() { try say("given back") }
    try retention.finish()
    try say("finished")
  }
}
