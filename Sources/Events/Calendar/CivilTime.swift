/// A time of day as a clock on the wall shows it.
package struct CivilTime: Equatable, Sendable {
  package var hour: Int
  package var minute: Int
  package var second: Int
  package var microsecond: Int

  package var secondOfDay: Int { hour * 3600 + minute * 60 + second }

  package init(hour: Int, minute: Int, second: Int = 0, microsecond: Int = 0) {
    self.hour = hour
    self.minute = minute
    self.second = second
    self.microsecond = microsecond
  }
}
