package import Events

/// A timeline on a terminal: a ruler of times, and below it a line for each job.
package struct TimelinePage {
  private static let leastPlaces = 20

  package let scale: TimelineScale
  private let nameColumns: Int
  private let palette: Palette
  private let isUTF8: Bool
  private let offset: Int64

  /// - Parameter offset: of local time from UTC, microseconds.
  package init(
    _ time: Range<WallTime>, columns: Int, _ palette: Palette, isUTF8: Bool, offset: Int64
  ) {
    nameColumns = min(20, max(8, columns / 5))
    scale = TimelineScale(time, places: max(Self.leastPlaces, columns - nameColumns - 2))
    self.palette = palette
    self.isUTF8 = isUTF8
    self.offset = offset
  }

  /// Each time begins where it is: `|14:00`.
  package var ruler: PrintableText {
    var line = ""
    for tick in scale.ticks(apart: 12, offset: offset) {
      let place = scale.place(tick.at)
      guard place >= line.count, place + tick.text.count < scale.places else { continue }
      line += String(repeating: " ", count: place - line.count) + "|" + tick.text
    }
    let date = TimeFormat.local(scale.time.lowerBound).prefix(10)
    let heading = DisplayWidth.pad(
      DisplayWidth.fitted(String(date), to: nameColumns).text, to: nameColumns)
    return palette.paint("\(heading) \(line)", .heading) + "\n"
  }

  package func line(_ lane: TimelineLane) -> PrintableText {
    let name = DisplayWidth.fitted(PrintableText.escaped(lane.job), to: nameColumns)
    let padding = String(repeating: " ", count: nameColumns - name.width + 1)
    return palette.paint(name.text, .jobID) + PrintableText(padding)
      + lane.text(palette, isUTF8: isUTF8) + "\n"
  }
}
