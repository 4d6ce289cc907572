import Glibc

/// libFuzzer over what reads bytes that taro has not written itself. `FUZZ_TARGET` names one of the targets below, the
/// arguments are libFuzzer's (llvm.org/docs/LibFuzzer.html); `make fuzz` runs all. A failed precondition is a finding, as
/// a crash is.
@main
enum Fuzz {
  static let targets: [String: @Sendable ([UInt8]) -> Void] = [
    "chunk": chunk, "config": config, "json": json, "pattern": pattern, "time": time,
  ]

  static func main() {
    guard target != nil else {
      print("FUZZ_TARGET is one of \(targets.keys.sorted().joined(separator: ", "))")
      exit(64)
    }
    var count = CommandLine.argc
    var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
    exit(runDriver(&count, &arguments, testOneInput))
  }

  fileprivate static let target = getenv("FUZZ_TARGET").flatMap { targets[String(cString: $0)] }
}

@_cdecl("LLVMFuzzerTestOneInput")
func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  Fuzz.target?(Array(UnsafeBufferPointer(start: bytes, count: count)))
  return 0
}

/// What libFuzzer's own main calls, which SwiftPM's name for ours keeps out.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<Int32>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
  _ one: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32
