internal import Events
internal import TestSupport
import Testing

@testable import Runner

@Suite("Warnings that come with time")
struct WatchTimersTests {
  private func timers(times: [Int64] = [], silences: [Int64] = []) -> WatchTimers {
    var settings = WatchSettings()
    settings.times = times.map { WatchSettings.Delay(text: "t\($0)", microseconds: $0) }
    settings.silences = silences.map { WatchSettings.Delay(text: "s\($0)", microseconds: $0) }
    return WatchTimers(settings, startedAt: 1000)
  }

  private func due(
    _ timers: inout WatchTimers, _ now: BootTime, read: Int64 = 0, isHeldUp: Bool = false
  ) -> [String] {
    timers.due(now, bytesRead: read, isHeldUp: isHeldUp).map {
      "\($0.kind.rawValue) \($0.text) \($0.count)"
    }
  }

  @Test func `of a time come once, when it has passed`() {
    var timers = timers(times: [500, 300, .max])
    #expect(timers.deadline == 1300)
    #expect(due(&timers, 1299) == [])
    #expect(due(&timers, 1300) == ["time t300 1"])
    #expect(timers.deadline == 1500)
    #expect(due(&timers, 9000, read: 5) == ["time t500 1"])
    #expect(timers.deadline == nil)
    #expect(due(&timers, 99_000) == [])
  }

  @Test func `of silence come again after each new one`() {
    var timers = timers(silences: [100, 250])
    #expect(due(&timers, 1099) == [])
    #expect(due(&timers, 1100) == ["silence s100 1"])
    #expect(timers.deadline == 1250)
    #expect(due(&timers, 1200, read: 1) == [])
    #expect(timers.deadline == 1300)
    #expect(due(&timers, 1300, read: 1) == ["silence s100 2"])
    #expect(due(&timers, 1449, read: 1) == [])
    #expect(due(&timers, 1450, read: 1) == ["silence s250 1"])
    #expect(timers.deadline == nil)
    #expect(due(&timers, 9000, read: 1) == [])
  }

  @Test func `of silence do not come while the job is kept from printing`() {
    var timers = timers(silences: [100])
    #expect(due(&timers, 1100, isHeldUp: true) == [])
    #expect(timers.deadline == 1200)
    #expect(due(&timers, 1200) == ["silence s100 1"])
  }

  @Test func `end with the job`() {
    var timers = timers(times: [1], silences: [1])
    timers.stop()
    #expect(timers.deadline == nil)
    #expect(due(&timers, 9000) == [])
  }
}
