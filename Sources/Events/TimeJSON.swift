/// Times as the data of events has them: numbers of microseconds.
extension JSON {
  package static func microseconds(_ time: WallTime) -> JSON { .integer(time.microseconds) }
  package static func microseconds(_ time: BootTime) -> JSON { .integer(time.microseconds) }

  package var wallTime: WallTime? { integer.map { WallTime(microseconds: $0) } }
  package var bootTime: BootTime? { integer.map { BootTime(microseconds: $0) } }
}
