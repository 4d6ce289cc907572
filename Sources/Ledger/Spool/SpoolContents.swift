/// What a spool file says, as far as it was written to its end.
struct SpoolContents {
  /// Nil when not even the first line was.
  let header: SpoolLine.Header?
  private(set) var events: [NewEvent] = []
  /// Lines that say nothing, though others follow: the last one may have been cut off.
  private(set) var damagedLines = 0

  init(_ bytes: [UInt8]) {
    // Without its line feed a line is not whole.
    let lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false).dropLast()
    header = lines.first.flatMap(SpoolLine.header)
    guard let header else {
      damagedLines = lines.count
      return
    }
    for line in lines.dropFirst() {
      if let event = SpoolLine.event(line, of: header) {
        events.append(event)
      } else {
        damagedLines += 1
      }
    }
  }
}
