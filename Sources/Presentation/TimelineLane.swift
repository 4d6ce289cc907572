package import Documents
package import Events

/// The instances of one job beside each other on one line of a terminal. Takes them in the order of creation. Memory: some
/// words a column, and those that are there at once.
package struct TimelineLane {
  private enum Mark: Int, Comparable {
    case none, waiting, notExecuted, running, notCompleted, failure
    static func < (one: Mark, other: Mark) -> Bool { one.rawValue < other.rawValue }
  }

  /// More are shown as `+`.
  private static let mostShown = 10

  package let job: String
  private let scale: TimelineScale
  private let now: WallTime
  private var marks: [Mark]
  /// The number that ran at once.
  private var levels: [Int]
  /// The ends of those that run, latest first.
  private var ends: [WallTime] = []

  /// - Parameter now: until when live ones are drawn.
  package init(_ job: String, _ scale: TimelineScale, now: WallTime) {
    (self.job, self.scale, self.now) = (job, scale, now)
    marks = Array(repeating: .none, count: scale.places)
    levels = Array(repeating: 0, count: scale.places)
  }

  package mutating func add(_ run: TimelineDocument) {
    // The clock may have been set back meanwhile.
    let end = max(run.endedAt ?? now, run.createdAt)
    let started = run.startedAt.map { min($0, end) }
    let waited = started ?? end
    guard let started else {
      let mark: Mark = run.state.isTerminal ? Self.mark(run.state) : .waiting
      return draw(mark == .failure ? .failure : .waiting, run.createdAt, waited, last: mark)
    }
    // A moment between creation and start is no waiting.
    if waited - run.createdAt > 1_000_000 { draw(.waiting, run.createdAt, waited) }
    draw(.running, started, end, last: Self.mark(run.state))
    count(from: started, to: end)
  }

  private static func mark(_ state: InstanceState) -> Mark {
    switch state.group {
    case .failure: .failure
    case .notCompleted: .notCompleted
    case .notExecuted: .notExecuted
    case .beforeExecution, .waiting: .waiting
    case .executing, .completed: .running
    }
  }

  /// - Parameter last: of its last place, where the end is told.
  private mutating func draw(_ mark: Mark, _ from: WallTime, _ to: WallTime, last: Mark? = nil) {
    guard to >= scale.time.lowerBound, from < scale.time.upperBound else { return }
    let places = scale.places(from: from, to: to)
    // All of a failed run is seen to be one.
    let whole = last == .failure || last == .notCompleted ? last ?? mark : mark
    for place in places { marks[place] = max(marks[place], whole) }
    if let last, to <= scale.time.upperBound {
      marks[places.upperBound] = max(marks[places.upperBound], last)
    }
  }

  private mutating func count(from: WallTime, to: WallTime) {
    ends.removeAll { $0 <= from }
    for (index, end) in ends.prefix(Self.mostShown).enumerated() {
      let until = min(end, to)
      guard until > scale.time.lowerBound, from < scale.time.upperBound, until > from else {
        continue
      }
      for place in scale.places(from: from, to: until) {
        levels[place] = max(levels[place], index + 2)
      }
    }
    ends.insert(to, at: ends.firstIndex { $0 < to } ?? ends.count)
  }

  /// The line, without its end: a sign for each place.
  package func text(_ palette: Palette, isUTF8: Bool) -> PrintableText {
    let signs: [Character] =
      isUTF8 ? [" ", "░", "·", "█", "▒", "X"] : [" ", ".", ",", "=", "-", "X"]
    var text: PrintableText = ""
    var (piece, tone): (String, Mark) = ("", .none)
    func flush() {
      text += palette.paint(piece, Self.tone(tone))
      piece = ""
    }
    var end = marks.count
    while end > 0, marks[end - 1] == .none { end -= 1 }
    for place in 0..<end {
      if marks[place] != tone {
        flush()
        tone = marks[place]
      }
      let level = levels[place]
      piece.append(
        level < 2
          ? signs[marks[place].rawValue] : level < Self.mostShown ? Character("\(level)") : "+")
    }
    flush()
    return text
  }

  private static func tone(_ mark: Mark) -> Tone {
    switch mark {
    case .none: .plain
    case .notExecuted: .state(.notExecuted)
    case .waiting: .state(.beforeExecution)
    case .running: .state(.executing)
    case .notCompleted: .state(.notCompleted)
    case .failure: .state(.failure)
    }
  }
}
