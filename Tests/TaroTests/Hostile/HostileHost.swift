internal import Events
import TestSupport
import Testing

/// A job that has to come out whole whatever is wrong around taro: its own surroundings are changed too, so that it is
/// one that needs little.
enum HostileHost {
  static let job = ["sh", "-c", "echo out; echo err >&2; exit 3"]

  /// Runs a script as root in a mount namespace of its own, which is gone with it; the test is over where that cannot be.
  static func script(
    _ taro: TaroProgram, _ script: String, change: (inout TaroProgram.Setup) -> Void = { _ in }
  ) throws -> TaroResult {
    let wrapper = ["unshare", "-m"]
    let result = try taro.shell("mount -t tmpfs none /mnt") { $0.wrapper = wrapper }
    guard result.code == 0 else {
      try Test.cancel("no right to mount a file system here: \(result.stderr)")
    }
    return try taro.shell(script) {
      $0.wrapper = wrapper
      change(&$0)
    }
  }
}

extension TaroProgram {
  /// The run of that job is on record in full, and the ledger is good.
  func expectRecorded(
    _ job: String, exitCode: Int64 = 3, stdout: String? = "out\n",
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let ending = try ending(ofJob: job)
    #expect(ending?.ending.exitCode == exitCode, "\(job)", sourceLocation: sourceLocation)
    if let stdout {
      try run("output", job, "--stdout")
        .expect(code: 0, stdout: stdout, sourceLocation: sourceLocation)
    }
    try run("ledger", "verify").expect(code: 0, sourceLocation: sourceLocation)
  }
}
