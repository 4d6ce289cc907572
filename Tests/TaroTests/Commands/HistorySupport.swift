internal import Events
import Ledger
import Linux
import TestSupport

/// Histories made up: what ran when, for how long and how it ended.
struct MadeHistory {
  let taro: TaroProgram
  let now = WallTime.now
  private let writer: LedgerWriter

  init(_ taro: TaroProgram) throws {
    self.taro = taro
    writer = try LedgerWriter(taro.ledger)
  }

  static let second: Int64 = 1_000_000
  static let hour: Int64 = 3600 * second

  /// A time zone (tzset(3)) in which it is between noon and one o'clock now: yesterday and today are far away.
  var zoneOfNoon: String {
    let offset = now.microseconds / Self.hour % 24 - 12
    return "NOON\(offset < 0 ? "-" : "+")\(offset.magnitude)"
  }

  /// Appends a run.
  /// - Parameter ran: seconds; nil when it never ran.
  @discardableResult
  func add(
    _ job: String, hoursAgo: Double, ran: Int64?, _ state: InstanceState, reason: String? = nil,
    output: Int64 = 0
  ) throws -> InstanceID {
    let at = now - Int64(hoursAgo * Double(Self.hour))
    let instance = InstanceID(createdAt: at)
    var ending = Ending()
    ending.reason = reason
    ending.output = OutputTotals()
    ending.output?.stdoutBytes = output
    var steps: [(InstanceState, JSON, after: Int64)] = [(.created, Created().json, 0)]
    if ran != nil { steps.append((.running, Running(pid: 1, started: 1, pgid: 1).json, 0)) }
    steps.append((state, ending.json, (ran ?? 0) * Self.second))
    let events = steps.map { state, data, after in
      NewEvent(
        at: at + after, mono: 1 + after, job: job, instance: instance, kind: .state(state),
        data: data)
    }
    try writer.turn(durable: false) { turn throws(LedgerError) in
      for event in events { try turn.append(event) }
    }
    return instance
  }
}
