import Glibc
import Linux
import Testing

@Suite struct BootTimerTests {
  @Test func `what is near is slept for by poll, and nothing is waited for otherwise`() {
    var timer = BootTimer()
    var poll = Poll()
    #expect(timer.arm(microseconds: nil, in: &poll) == -1)
    #expect(timer.arm(microseconds: Clock.bootMicroseconds() - 5, in: &poll) == 0)
    let near = timer.arm(microseconds: Clock.bootMicroseconds() + 500_000, in: &poll)
    #expect((1...500).contains(near))
  }

  @Test func `what is far wakes at its time by the clock that counts suspends, and not before`() {
    var timer = BootTimer()
    let deadline = Clock.bootMicroseconds() + 1_050_000
    var wakes = 0
    while Clock.bootMicroseconds() < deadline {
      var poll = Poll()
      poll.wait(milliseconds: timer.arm(microseconds: deadline, in: &poll))
      wakes += 1
    }
    // A second one, where the first was a moment early by the other clock.
    #expect(wakes <= 2)
  }
}
