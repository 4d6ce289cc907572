import Events
import TestSupport
import Testing

@testable import Runner

@Suite("The end by force") struct LastStepTests {
  @Test func `it comes when its time is over, and the run is not over before`() {
    var step = LastStep(killAfter: 1_000_000)
    #expect(!step.isDue)
    #expect(step.deadline == nil)
    step.expectEnd(5_000_000)
    #expect(step.deadline == 6_000_000)
    step.expectEnd(5_500_000)
    #expect(step.deadline == 6_000_000)
    step.jobEnded { true }
    #expect(step.isDue)
    guard case .nothing = step.next(5_999_999) else {
      Issue.record("too early")
      return
    }
    guard case .outlived(1000) = step.next(6_000_000) else {
      Issue.record("too late")
      return
    }
    // While it is put on record.
    #expect(step.isDue)
    step.begin(6_000_100)
    guard case .sweep = step.next(6_000_100) else {
      Issue.record("no sweep")
      return
    }
    step.swept(1, 6_000_200)
    #expect(step.isDue)
    step.swept(0, 6_100_000)
    #expect(!step.isDue)
    #expect(step.deadline == nil)
  }

  @Test func `a job that leaves nothing behind needs none, nor one without the wish for it`() {
    var step = LastStep(killAfter: 1_000_000)
    step.expectEnd(0)
    step.jobEnded { false }
    #expect(!step.isDue)
    var none = LastStep(killAfter: nil)
    none.expectEnd(0)
    #expect(!none.isDue)
  }

  @Test func `what cannot be killed is not looked for for ever`() {
    var step = LastStep(killAfter: nil)
    step.begin(0)
    step.swept(1, 1_999_999)
    #expect(step.isDue)
    step.swept(1, 2_000_000)
    #expect(!step.isDue)
  }
}
