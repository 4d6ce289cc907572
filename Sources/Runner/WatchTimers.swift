internal import Events

/// The warnings that come with time: a run that takes long, and a job that is silent. Part of the supervisor's thread.
struct WatchTimers {
  private struct Timer {
    let kind: Warning.Kind
    let delay: WatchSettings.Delay
    /// The time of the next warning; nil once it has told, until there is a reason to tell again.
    var at: BootTime?
    var count: Int64 = 0

    mutating func start(_ now: BootTime) {
      let end = now + delay.microseconds
      // No clock gets there.
      at = end.microseconds == .max ? nil : end
    }
  }

  private var timers: [Timer]
  private var bytesRead: Int64 = 0

  init(_ settings: WatchSettings, startedAt: BootTime) {
    timers = settings.times.map { Timer(kind: .time, delay: $0) }
    timers += settings.silences.map { Timer(kind: .silence, delay: $0) }
    for index in timers.indices { timers[index].start(startedAt) }
  }

  /// The time at which `due` wants to be called.
  var deadline: BootTime? { timers.lazy.compactMap(\.at).min() }

  /// - Parameters:
  ///   - bytesRead: how much the job has printed so far.
  ///   - isHeldUp: it is kept from printing: paused, or its reader is slow.
  mutating func due(_ now: BootTime, bytesRead: Int64, isHeldUp: Bool) -> [Warning] {
    guard !timers.isEmpty else { return [] }
    if bytesRead != self.bytesRead || isHeldUp { restartSilences(now) }
    self.bytesRead = bytesRead
    return timers.indices.compactMap { index in
      guard let at = timers[index].at, now >= at else { return nil }
      timers[index].at = nil
      timers[index].count += 1
      let timer = timers[index]
      return Warning(kind: timer.kind, text: timer.delay.text, count: timer.count)
    }
  }

  private mutating func restartSilences(_ now: BootTime) {
    for index in timers.indices where timers[index].kind == .silence { timers[index].start(now) }
  }

  /// The job has ended.
  mutating func stop() { timers = [] }
}
