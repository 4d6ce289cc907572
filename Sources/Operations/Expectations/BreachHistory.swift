package import Events
package import Ledger

/// Everything that was not as it was expected, as far as it is on record: for lists of runs.
package struct BreachHistory: Sendable {
  /// So many of each kind are read, the newest: a few MB.
  private static let most = 10_000

  /// Runs that are not there, the newest first.
  package private(set) var missed: [BreachNoticing.Found] = []
  private var ofInstances: [InstanceID: [Breach]] = [:]

  package init() {}

  /// Found by index: tens of microseconds where there is nothing.
  package init(_ reader: LedgerReader) throws(LedgerError) {
    for kind in EventKind.breaches {
      for event in try reader.newestHostEvents(kind, limit: Self.most) {
        guard let breach = Breach(event), let job = event.job else { continue }
        if let instance = breach.instance {
          ofInstances[instance, default: []].append(breach)
        } else {
          missed.append(BreachNoticing.Found(job: job, breach: breach))
        }
      }
    }
    missed.sort { $0.breach.due > $1.breach.due }
  }

  /// Gives what was not as it should be with a run.
  package func of(_ instance: InstanceID) -> [Breach] { ofInstances[instance] ?? [] }
}
