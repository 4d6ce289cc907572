internal import CommandLineKit
internal import Events
internal import Presentation

/// Output with something before each of its lines: when it was read, and whose it is. What has no end of line stays open until
/// another one prints.
struct MarkedLines {
  /// The marks before each line; without both there are none.
  struct Marks {
    var timestamps = false
    var names = false

    var isAny: Bool { timestamps || names }
  }

  let marks: Marks
  private let palette: Palette
  private(set) var endsInsideLine = false
  private var current: InstanceID?
  /// The instances of a job that were met: of several each is told by the end of its id.
  private var instances: [String: Set<InstanceID>] = [:]

  init(_ marks: Marks, _ palette: Palette) {
    self.marks = marks
    self.palette = palette
  }

  mutating func write(
    _ bytes: ArraySlice<UInt8>, at time: WallTime, job: String, instance: InstanceID,
    to output: StandardOutput
  ) {
    if current != instance {
      end(output)
      current = instance
      instances[job, default: []].insert(instance)
    }
    var rest = bytes
    while !rest.isEmpty {
      let end = rest.firstIndex(of: 0x0a).map { $0 + 1 } ?? rest.endIndex
      if !endsInsideLine { output.write(mark(at: time, job, instance)) }
      output.write(rest[..<end])
      endsInsideLine = rest[end - 1] != 0x0a
      rest = rest[end...]
    }
  }

  /// Ends a line that is open.
  mutating func end(_ output: StandardOutput) {
    if endsInsideLine { output.write("\n") }
    endsInsideLine = false
  }

  private func mark(at time: WallTime, _ job: String, _ instance: InstanceID) -> PrintableText {
    var mark: PrintableText = ""
    if marks.timestamps { mark += "\(TimeFormat.local(time)) " }
    guard marks.names else { return mark }
    mark += palette.paint(job, .jobID)
    if (instances[job]?.count ?? 0) > 1 {
      mark += "@" + palette.paint("…\(instance.text.suffix(4))", .instanceID)
    }
    return mark + " | "
  }
}
