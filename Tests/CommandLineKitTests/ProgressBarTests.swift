import Testing

@testable import CommandLineKit

@Suite struct ProgressBarTests {
  @Test func `the progress bar shows share, count and rate`() {
    #expect(
      ProgressBar.text("verifying", done: 50, of: 200, bytes: 3 << 20, elapsed: 1_000_000)
        == "verifying [#######                       ] 25% 50 events, 3.0 MiB/s of output")
    #expect(
      ProgressBar.text("comparing", done: 7, of: nil, bytes: 0, elapsed: 1)
        == "comparing 7 events")
    let over = ProgressBar.text("x", done: 7, of: 5, bytes: 0, elapsed: 1)
    #expect(over.contains("##] 100% 7 events"))
  }
}
