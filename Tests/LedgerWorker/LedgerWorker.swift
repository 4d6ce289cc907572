internal import Events
import Glibc
import Ledger
import Linux

/// One process of a test that needs several. Its commands are the cases below; it says on stdout how far it is and
/// waits on stdin to be told to go on.
@main
enum LedgerWorker {
  static func main() throws {
    let arguments = Array(CommandLine.arguments.dropFirst())
    guard arguments.count >= 2 else { throw Usage() }
    let directory = LedgerDirectory(arguments[1])
    let rest = Array(arguments.dropFirst(2))
    switch (arguments[0], rest.count) {
    case ("append", 2): try append(directory, count: number(rest[0]), mode: rest[1])
    case ("append-for-ever", 0): try appendForEver(directory)
    case ("turns", 2): try turns(directory, durable: number(rest[0]), lazy: number(rest[1]))
    case ("repeat", 0): try repeated(directory)
    case ("retry", 0): try retry(directory)
    case ("create", 0): try create(directory)
    case ("hold-queue", 0): try holdQueue(directory)
    case ("umask", 1): try makeAll(directory, umask: number(rest[0]))
    case ("run", 3): try run(directory, rest[0], child: number(rest[1]), started: number(rest[2]))
    case ("close-lost", 1): try closeLost(directory, rest[0])
    case ("load", 1): try load(directory, milliseconds: number(rest[0]))
    case ("pace", 2):
      try pace(directory, perSecond: number(rest[0]), milliseconds: number(rest[1]))
    case ("fill", 1): try fill(directory, count: number(rest[0]))
    case ("fill", 4):
      try fill(
        directory, count: number(rest[0]), jobs: number(rest[1]), live: number(rest[2]),
        argumentBytes: number(rest[3]))
    case ("weeks", 2):
      try weeks(directory, count: number(rest[0]), failing: rest[1] == "failing")
    case ("small", 1): try Damage.write(directory, usesWAL: rest[0] == "wal")
    case ("damage", 6): try damage(directory, rest)
    case ("retain", 0): try retain(directory)
    case ("golden", 0): try Golden.write(directory)
    default: throw Usage()
    }
  }

  /// FILE KIND FIRST STRIDE SEED SCRATCH
  private static func damage(_ directory: LedgerDirectory, _ words: [String]) throws {
    guard let kind = Damage.Kind(rawValue: words[1]), let seed = UInt64(words[4]) else {
      throw Usage()
    }
    try Damage(directory, file: words[0], kind: kind, seed: seed, scratch: words[5])
      .run(from: number(words[2]), stride: number(words[3]))
  }

  struct Usage: Error {}

  static func number(_ text: String) throws -> Int {
    guard let number = Int(text) else { throw Usage() }
    return number
  }

  static func instance(_ text: String) throws -> InstanceID {
    guard let instance = InstanceID(text) else { throw Usage() }
    return instance
  }

  static func say(_ line: some CustomStringConvertible) throws {
    try RawIO.writeAll(1, "\(line)\n")
  }

  static func readyAndWait() throws {
    try say("ready")
    _ = readLine()
  }

  /// Until the test closes our stdin.
  static func waitForEnd() { while readLine() != nil {} }
}
