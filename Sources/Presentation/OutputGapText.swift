package import Events

/// Output that was passed on and not recorded, for a person, at the place where it stood.
package enum OutputGapText {
  package static func of(_ gap: OutputGap) -> String {
    "\(TimeFormat.bytes(gap.bytes)) of its output are not recorded here: \(gap.reason)"
  }
}
