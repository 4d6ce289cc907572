internal import CommandLineKit
internal import Events
internal import Presentation

/// Says on stderr that events are not there any more that somebody wanted to read.
enum DroppedEvents {
  static func report(_ count: Int64, after position: Seq) {
    let events = CountText.of(count, "event")
    StandardError.say("retention has dropped \(events) after \(position)")
  }
}
