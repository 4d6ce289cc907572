package import Linux

// What waits below this module takes numbers: here each has the clock that it means.

extension Monitor {
  /// Waits until `body` has an answer; it is asked after every change. Nil when there is none by `deadline`; where
  /// that is nil it waits for ever.
  package func wait<Result>(
    until deadline: MonotonicTime?, _ body: (inout State) -> Result?
  ) -> Result? {
    wait(untilMicroseconds: deadline?.microseconds, body)
  }
}

extension BootTimer {
  /// Returns the milliseconds to give to ``Poll/wait(milliseconds:)``; adds what is to be waited for to `poll`. Nil: no deadline.
  package mutating func arm(_ deadline: BootTime?, in poll: inout Poll) -> Int32 {
    arm(microseconds: deadline?.microseconds, in: &poll)
  }
}

extension SelfStop {
  /// Returns when somebody has sent SIGCONT, at `deadline`, or at once where nothing stops.
  /// - Parameter group: stops the others of the process group with it, as the terminal does.
  package static func stop(by signal: Int32, group: Bool, until deadline: BootTime? = nil) {
    stop(by: signal, group: group, untilMicroseconds: deadline?.microseconds)
  }
}
