internal import Digests
internal import Events

/// The ids of jobs. One stands in every event of a run and in its environment, so it is short.
package enum JobID {
  /// The longest id that can be given, bytes.
  package static let longest = 1024
  /// The longest id that a command is by itself, bytes.
  private static let longestOfCommand = 256
  /// The part of a longer one that is kept, bytes; the digest of the whole follows.
  private static let kept = 200

  /// The id of a job that was given none: its command and arguments, joined by blanks. A long one is cut, and told from
  /// others that begin in the same way by a digest.
  /// - Parameter mask: what matches is not recorded, and so it is no part of an id.
  package static func standard(
    of command: [[UInt8]], _ mask: RecordMask = RecordMask()
  ) -> String {
    shortened(joined(MaskedWords.of(command, mask)), above: longestOfCommand)
  }

  private static func joined(_ command: [[UInt8]]) -> [UInt8] {
    Array(command.joined(separator: [UInt8(ascii: " ")]))
  }

  /// The id for an instance that repeats one of this id: older ones may have a long command, or more than can be given.
  static func ofRepeated(_ id: String, _ command: [[UInt8]]) -> String {
    let isOfCommand = id == String(decoding: joined(command), as: UTF8.self)
    return isOfCommand ? standard(of: command) : shortened(Array(id.utf8), above: longest)
  }

  private static func shortened(_ bytes: [UInt8], above limit: Int) -> String {
    guard bytes.count > limit else { return String(decoding: bytes, as: UTF8.self) }
    var end = kept
    // A byte of the form 10xxxxxx goes on with a character, of which there are three at most.
    while end > kept - 3, bytes[end] & 0xc0 == 0x80 { end -= 1 }
    return String(decoding: bytes[..<end], as: UTF8.self)
      + "…\(Digest(of: bytes).description.prefix(8))"
  }
}
