internal import CLinux
internal import Glibc

/// The words that this process was started with, the program's name first: also where no /proc is mounted, in which
/// Swift's CommandLine looks for them.
package enum ProgramArguments {
  package static var count: Int { Int(clinux_argument_count()) }

  /// As they were given: Swift's strings repair what is not UTF-8.
  package static func bytes(_ index: Int) -> [UInt8] {
    guard index < count, let word = unsafe clinux_argument(Int32(index)) else { return [] }
    return unsafe Array(UnsafeRawBufferPointer(start: word, count: strlen(word)))
  }

  /// Without the program's name.
  package static var texts: [String] {
    (0..<count).dropFirst().map { String(decoding: bytes($0), as: UTF8.self) }
  }
}
