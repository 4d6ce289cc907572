import Events
import TestSupport
import Testing

@testable import Runner

@Suite("A status")
struct StatusThrottleTests {
  @Test func `is told at once, and not again`() {
    var throttle = StatusThrottle()
    #expect(throttle.dueAt(nil) == nil)
    #expect(throttle.take(nil, 0) == nil)
    #expect(throttle.take("a", 0) == "a")
    #expect(throttle.dueAt("a") == nil)
    #expect(throttle.take("a", 5_000_000) == nil)
  }

  @Test func `is told once a second, the last of many too`() {
    var throttle = StatusThrottle()
    #expect(throttle.take("a", 100) == "a")
    #expect(throttle.take("b", 200) == nil)
    #expect(throttle.take("c", 1_000_099) == nil)
    #expect(throttle.dueAt("c") == 1_000_100)
    #expect(throttle.take("c", 1_000_100) == "c")
    #expect(throttle.dueAt("a") == 2_000_100)
  }
}
